using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Tokens;

/// <summary>One signing key, opened. Never disposed of: the token library remembers its signers beyond our use of them.</summary>
internal sealed record SigningKey(PublicJsonWebKey PublicKey, DateTimeOffset ActivatesAt, SigningCredentials Credentials)
{
    /// <exception cref="CryptographicException">It was sealed with another encryption key.</exception>
    public static SigningKey Open(SigningKeyRow row, SecretBox box)
    {
        var pkcs8 = box.Open(row.Kid, row.SealedPrivateKey);
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            return new SigningKey(
                JsonSerializer.Deserialize(row.PublicJwk, TokensJson.Default.PublicJsonWebKey)!,
                row.ActivatesAt,
                new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = row.Kid }, SecurityAlgorithms.EcdsaSha256));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}

/// <summary>The public half of a signing key (RFC 7517).</summary>
/// <param name="Kid">The key's id.</param>
/// <param name="X">The point's coordinates, in base64url.</param>
/// <param name="Y">As <paramref name="X"/>.</param>
public sealed record PublicJsonWebKey(string Kid, string X, string Y)
{
    public string Kty { get; init; } = "EC";

    public string Crv { get; init; } = "P-256";

    public string Use { get; init; } = "sig";

    public string Alg { get; init; } = SecurityAlgorithms.EcdsaSha256;
}

/// <summary>The body of <c>GET /.well-known/jwks.json</c>.</summary>
public sealed record JsonWebKeyDocument(IReadOnlyList<PublicJsonWebKey> Keys);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JsonWebKeyDocument))]
internal sealed partial class TokensJson : JsonSerializerContext;

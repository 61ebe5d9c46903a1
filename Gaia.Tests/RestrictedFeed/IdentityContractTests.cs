using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>Tokens with ES256 keys and key sets: true of the package and of the SDK's assemblies that stand in for it.</summary>
public sealed class IdentityContractTests
{
    [Fact]
    public async Task A_token_holds_for_its_own_key_only()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var handler = new JsonWebTokenHandler();
        var token = handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "gaia",
            Audience = "services",
            Expires = DateTime.UtcNow.AddMinutes(5),
            Subject = new ClaimsIdentity([new Claim("sub", "u1")]),
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = "k1" }, SecurityAlgorithms.EcdsaSha256),
        });

        var parameters = new TokenValidationParameters { ValidIssuer = "gaia", ValidAudience = "services", IssuerSigningKeys = KeySet(key).GetSigningKeys() };
        var good = await handler.ValidateTokenAsync(token, parameters);
        Assert.True(good.IsValid, good.Exception?.Message);
        Assert.Equal("u1", good.Claims["sub"]);
        Assert.Equal("k1", new JsonWebToken(token).Kid);

        parameters.IssuerSigningKeys = KeySet(other).GetSigningKeys();
        Assert.False((await handler.ValidateTokenAsync(token, parameters)).IsValid);
    }

    private static JsonWebKeySet KeySet(ECDsa key)
    {
        var jwk = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(ECDsa.Create(key.ExportParameters(false))) { KeyId = "k1" });
        return new JsonWebKeySet($$"""{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"{{jwk.Kid}}","x":"{{jwk.X}}","y":"{{jwk.Y}}"}]}""");
    }
}

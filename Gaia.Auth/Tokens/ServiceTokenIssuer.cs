using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Tokens;

/// <summary>Gives the services that are on the list a token for their key.</summary>
public sealed class ServiceTokenIssuer(SigningKeys keys, IOptions<AuthOptions> options, IHostEnvironment environment, TimeProvider time)
{
    private const string LegacySuffix = "-service";

    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
    [
        "iss", "aud", "sub", "exp", "nbf", "iat", "jti",
        ServiceTokenClaims.Service, ServiceTokenClaims.ServiceType, ServiceTokenClaims.Environment,
    ], StringComparer.Ordinal);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>SHA-256 of each key, for comparing in a time that tells nothing.</summary>
    private readonly FrozenDictionary<string, byte[]> _keys = options.Value.ServiceKeys.ToFrozenDictionary(
        pair => pair.Key, pair => SHA256.HashData(Encoding.UTF8.GetBytes(pair.Value)), StringComparer.Ordinal);

    /// <summary>What is wrong with a request for further claims, or null.</summary>
    public static string? FindReserved(JsonElement? claims) => claims switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } more =>
            more.EnumerateObject().FirstOrDefault(claim => Reserved.Contains(claim.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } taken
                ? $"The claim '{taken.Name}' is set by Auth: leave it out"
                : null,
        _ => "claims must be an object",
    };

    public bool IsAllowed(string service) => _keys.ContainsKey(NameInModel(service));

    /// <returns>False when the key is not this service's.</returns>
    public bool TryIssue(string service, string key, JsonElement? claims, [NotNullWhen(true)] out ServiceTokenResponse? token)
    {
        var name = NameInModel(service);
        token = null;
        if (!_keys.TryGetValue(name, out var expected) || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(key)), expected))
            return false;

        var now = time.GetUtcNow();
        var lifetime = options.Value.ServiceTokenLifetime;
        var all = claims is { ValueKind: JsonValueKind.Object } more
            ? more.EnumerateObject().ToDictionary(claim => claim.Name, claim => (object)claim.Value, StringComparer.Ordinal)
            : [];
        all[JwtRegisteredClaimNames.Sub] = name;
        all[JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N");
        all[ServiceTokenClaims.Service] = name;
        all[ServiceTokenClaims.ServiceType] = "microservice";
        all[ServiceTokenClaims.Environment] = environment.EnvironmentName;
        var value = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = ServiceTokenClaims.Issuer,
            Audience = ServiceTokenClaims.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            Claims = all,
            SigningCredentials = keys.Current,
        });
        token = new ServiceTokenResponse(value, (int)lifetime.TotalSeconds);
        return true;
    }

    private static string NameInModel(string service) =>
        service.EndsWith(LegacySuffix, StringComparison.Ordinal) ? service[..^LegacySuffix.Length] : service;
}

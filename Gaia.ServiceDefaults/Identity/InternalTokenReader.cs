using System.Security.Claims;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>Verifies internal tokens with Auth's public keys, each token once.</summary>
internal sealed class InternalTokenReader(InternalTokenKeys keys, TimeProvider time) : IDisposable
{
    private const int MaxTokens = 20_000;

    /// <summary>For the clocks of two machines.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly MemoryCache _verified = new(new MemoryCacheOptions { SizeLimit = MaxTokens, CompactionPercentage = 0.1 });

    /// <summary>Whether the token says that Auth made it. Proves nothing.</summary>
    public static bool ClaimsToBeInternal(string token) => Parse(token)?.Issuer == InternalTokenClaims.Issuer;

    /// <summary>A token of this hash that has been verified before and has not ended: no I/O, no signature.</summary>
    public bool TryGetVerified(string hash, out ClaimsPrincipal? principal)
    {
        principal = _verified.TryGetValue(hash, out var found) && found is Verified verified && verified.Ends > time.GetUtcNow() ? verified.Principal : null;
        return principal is not null;
    }

    /// <summary>As <see cref="ReadAsync"/>, and remembers the token until it ends.</summary>
    public async ValueTask<ClaimsPrincipal?> ReadAndKeepAsync(string token, string hash, CancellationToken cancellationToken)
    {
        if (await ReadAsync(token, cancellationToken) is not { } principal)
            return null;
        var ends = new DateTimeOffset(Parse(token)!.ValidTo, TimeSpan.Zero);
        _verified.Set(hash, new Verified(principal, ends), new MemoryCacheEntryOptions { AbsoluteExpiration = ends + ClockSkew, Size = 1 });
        return principal;
    }

    /// <returns>Who the token stands for; null when it is not a valid internal token.</returns>
    /// <exception cref="DependencyUnavailableException">The key that signed it is not known here and Auth does not answer.</exception>
    public async ValueTask<ClaimsPrincipal?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (Parse(token) is not { Alg: SecurityAlgorithms.EcdsaSha256, Issuer: InternalTokenClaims.Issuer, Kid: { Length: > 0 } keyId } unverified
            || await keys.FindAsync(keyId, cancellationToken) is not { } key)
        {
            return null;
        }

        var result = await _handler.ValidateTokenAsync(unverified, new TokenValidationParameters
        {
            ValidIssuer = InternalTokenClaims.Issuer,
            ValidAudience = InternalTokenClaims.Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = key,
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires),
        });
        return result.IsValid && ReadCaller(unverified) is { } caller ? new ClaimsPrincipal(new GaiaIdentity(caller, unverified)) : null;
    }

    public void Dispose() => _verified.Dispose();

    private bool IsCurrent(DateTime? notBefore, DateTime? expires)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is not null && now < expires + ClockSkew && !(notBefore > now + ClockSkew);
    }

    private static JsonWebToken? Parse(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (ArgumentException)
        {
            // The library's word for a token that is not one.
            return null;
        }
    }

    private static Caller? ReadCaller(JsonWebToken token)
    {
        if (!Guid.TryParse(token.Subject, out var userId))
            return null;
        return new Caller(
            userId,
            Text(token, InternalTokenClaims.Email),
            Text(token, InternalTokenClaims.AuthType) ?? "",
            Guid.TryParse(Text(token, InternalTokenClaims.ApiKeyId), out var keyId) ? keyId : null,
            List(token, InternalTokenClaims.Roles),
            List(token, InternalTokenClaims.Scopes),
            List(token, InternalTokenClaims.TeamIds),
            List(token, InternalTokenClaims.WorkspaceIds))
        {
            KeyRoles = List(token, InternalTokenClaims.KeyRoles),
        };
    }

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static string[] List(JsonWebToken token, string claim) => token.TryGetPayloadValue<string[]>(claim, out var values) ? values : [];

    private sealed record Verified(ClaimsPrincipal Principal, DateTimeOffset Ends);
}

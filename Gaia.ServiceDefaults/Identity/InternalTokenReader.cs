using System.Security.Claims;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>Who an internal token stands for.</summary>
internal sealed class InternalTokenReader(SignedTokenReader tokens, TimeProvider time) : IDisposable
{
    private const int MaxTokens = 20_000;

    private readonly MemoryCache _read = new(new MemoryCacheOptions { SizeLimit = MaxTokens, CompactionPercentage = 0.1 });

    /// <summary>Whether the token says that it is an internal one. Proves nothing.</summary>
    public static bool ClaimsToBeInternal(string token) => SignedTokenReader.Parse(token)?.Issuer == InternalTokenClaims.Issuer;

    /// <summary>A token of this hash that has been verified before and has not ended: no I/O, no signature.</summary>
    public bool TryGetVerified(string hash, out ClaimsPrincipal? principal)
    {
        principal = _read.TryGetValue(hash, out var found) && found is Verified verified && verified.Ends > time.GetUtcNow() ? verified.Principal : null;
        return principal is not null;
    }

    /// <summary>As <see cref="ReadAsync"/>, and remembers the token until it ends.</summary>
    public async ValueTask<ClaimsPrincipal?> ReadAndKeepAsync(string token, string hash, CancellationToken cancellationToken)
    {
        if (await ReadAsync(token, cancellationToken) is not { Identity: GaiaIdentity identity } principal)
            return null;
        _read.Set(hash, new Verified(principal, identity.Ends), new MemoryCacheEntryOptions { AbsoluteExpiration = identity.Ends, Size = 1 });
        return principal;
    }

    /// <returns>Who the token stands for; null when it is not a valid internal token.</returns>
    /// <exception cref="DependencyUnavailableException">The key that signed it is not known here and Auth does not answer.</exception>
    public async ValueTask<ClaimsPrincipal?> ReadAsync(string token, CancellationToken cancellationToken) =>
        await tokens.ReadAsync(token, InternalTokenClaims.Issuer, InternalTokenClaims.Audience, cancellationToken) is { } verified && ReadCaller(verified) is { } caller
            ? new ClaimsPrincipal(new GaiaIdentity(caller, verified))
            : null;

    public void Dispose() => _read.Dispose();

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
            SessionId = Guid.TryParse(Text(token, InternalTokenClaims.SessionId), out var sessionId) ? sessionId : null,
            KeyRoles = List(token, InternalTokenClaims.KeyRoles),
            RateLimit = RateLimit.Parse(Text(token, InternalTokenClaims.RateLimit)),
        };
    }

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static string[] List(JsonWebToken token, string claim) => token.TryGetPayloadValue<string[]>(claim, out var values) ? values : [];

    private sealed record Verified(ClaimsPrincipal Principal, DateTimeOffset Ends);
}

using Gaia.Auth.ApiKeys;
using Gaia.Auth.Supabase;
using Gaia.Auth.Tokens;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Sessions;

/// <summary>A user's token that counts.</summary>
/// <param name="Email">The user's address, where it is known to be the user's.</param>
/// <param name="SessionId">Null for a token that belongs to none.</param>
/// <param name="ApiKey">With a token that was given for an API key: the key, which limits it.</param>
internal sealed record VerifiedUser(Guid UserId, string? Email, Guid? SessionId, DateTimeOffset ExpiresAt, VerifiedApiKey? ApiKey = null);

/// <summary>Decides whether a user's token counts: one of ours, or one of the Supabase project.</summary>
internal sealed class AccessTokenVerifier(
    AuthDbContext db,
    SigningKeys keys,
    SupabaseTokens supabase,
    SupabaseSessions supabaseSessions,
    ApiKeyVerifier apiKeys,
    IOptions<AccountOptions> options,
    TimeProvider time)
{
    /// <summary>For the clocks of two replicas.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    /// <returns>Null for a token that is not genuine, has ended, or whose session or key has.</returns>
    /// <exception cref="DependencyUnavailableException">What would decide it does not answer.</exception>
    public async Task<VerifiedUser?> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        if (Parse(token) is not { } unverified)
            return null;
        if (unverified.Issuer == options.Value.Issuer)
            return await IsOwnAsync(unverified, acceptExpired: false) && await FindAsync(token, cancellationToken) is { } own ? await JudgeAsync(own, cancellationToken) : null;
        if (await supabase.VerifyAsync(unverified, acceptExpired: false, cancellationToken) is not { } genuine)
            return null;

        // One that we made ourselves with the project's secret, for an API key, counts no longer than the key does.
        return unverified.Alg == SecurityAlgorithms.HmacSha256 && await FindAsync(token, cancellationToken) is { ApiKeyHash: not null } exchanged
            ? await JudgeAsync(exchanged, cancellationToken)
            : await supabaseSessions.AdmitAsync(token, genuine, cancellationToken);
    }

    /// <summary>The session of one of our own tokens, expired or not.</summary>
    public async Task<Guid?> FindOwnSessionAsync(string token) =>
        Parse(token) is { } unverified && unverified.Issuer == options.Value.Issuer && await IsOwnAsync(unverified, acceptExpired: true)
        && unverified.TryGetPayloadValue<string>(AccessTokenIssuer.SessionIdClaim, out var text) && Guid.TryParse(text, out var sessionId)
            ? sessionId
            : null;

    /// <summary>A token of the project, expired or not.</summary>
    public async Task<SupabaseToken?> FindSupabaseAsync(string token, CancellationToken cancellationToken) =>
        Parse(token) is { } unverified ? await supabase.VerifyAsync(unverified, acceptExpired: true, cancellationToken) : null;

    /// <summary>A service's token, by the name of the service.</summary>
    public async Task<string?> FindServiceAsync(string token) =>
        Parse(token) is { } unverified
        && await IsSignedAsync(unverified, ServiceTokenClaims.Issuer, ServiceTokenClaims.Audience, acceptExpired: false)
            ? unverified.Subject
            : null;

    private Task<bool> IsOwnAsync(JsonWebToken token, bool acceptExpired) =>
        IsSignedAsync(token, options.Value.Issuer, AccessTokenIssuer.Audience, acceptExpired);

    private async Task<bool> IsSignedAsync(JsonWebToken token, string issuer, string audience, bool acceptExpired)
    {
        if (token.Alg != SecurityAlgorithms.EcdsaSha256 || string.IsNullOrEmpty(token.Kid) || token.Issuer != issuer || keys.Find(token.Kid) is not { } key)
            return false;
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = key,
            ValidIssuer = issuer,
            ValidAudience = audience,
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires, acceptExpired),
        });
        return result.IsValid;
    }

    private bool IsCurrent(DateTime? notBefore, DateTime? expires, bool acceptExpired)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is not null && (acceptExpired || now < expires + ClockSkew) && !(notBefore > now + ClockSkew);
    }

    /// <summary>What the database knows of a token.</summary>
    private async Task<Found?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var hash = Credential.Hash(token);
        return (await db.Database.SqlQuery<Found>($"""
            SELECT t.user_id AS "UserId", t.session_id AS "SessionId", t.api_key_hash AS "ApiKeyHash", t.expires_at AS "ExpiresAt",
                t.revoked_at IS NOT NULL OR s.revoked_at IS NOT NULL OR u.disabled_at IS NOT NULL AS "IsRevoked", coalesce(a.email, u.email) AS "Email"
            FROM auth_access_tokens t
            JOIN users u ON u.id = t.user_id
            LEFT JOIN auth_sessions s ON s.id = t.session_id
            LEFT JOIN auth_accounts a ON a.user_id = t.user_id
            WHERE t.token_hash = {hash}
            """).ToListAsync(cancellationToken)).SingleOrDefault();
    }

    private async Task<VerifiedUser?> JudgeAsync(Found found, CancellationToken cancellationToken)
    {
        if (found.IsRevoked)
            return null;
        if (found.ApiKeyHash is null)
            return found.SessionId is null ? null : new VerifiedUser(found.UserId, EmailAddress.Known(found.Email), found.SessionId, found.ExpiresAt);
        return await apiKeys.VerifyHashAsync(found.ApiKeyHash, cancellationToken) is { } key && key.UserId == found.UserId
            ? new VerifiedUser(found.UserId, EmailAddress.Known(found.Email), null, key.ExpiresAt < found.ExpiresAt ? key.ExpiresAt.Value : found.ExpiresAt, key)
            : null;
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

    private sealed record Found(Guid UserId, Guid? SessionId, string? ApiKeyHash, DateTimeOffset ExpiresAt, bool IsRevoked, string Email);
}

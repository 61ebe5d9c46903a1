using Gaia.Auth.Access;
using Gaia.Auth.Supabase;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>A key that counts, and its owner.</summary>
/// <param name="Hash">SHA-256 of the key.</param>
/// <param name="Email">Null when it is not known.</param>
/// <param name="Scopes">What the key is limited to; none is no limit.</param>
/// <param name="KeyRoles">Roles that the key adds to its owner's.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
/// <param name="RateLimit">Its own limit, where it has one.</param>
/// <param name="Access">What its owner is, where the same query told it.</param>
public sealed record VerifiedApiKey(
    Guid KeyId,
    string Hash,
    Guid UserId,
    string? Email,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> KeyRoles,
    DateTimeOffset? ExpiresAt,
    RateLimit? RateLimit,
    AccessSummary? Access = null);

/// <summary>
/// Decides whether an API key counts: by its form alone, or with one query by its hash. With users at Supabase a key of a legacy
/// form is looked up there and only there (before or after here, with both); Gaia's own keys and those that come with the
/// deployment are always here.
/// </summary>
internal sealed partial class ApiKeyVerifier(
    AuthDbContext db,
    KeyUsage usage,
    SupabaseKeyLookup supabase,
    IHostEnvironment environment,
    IOptions<IdentityOptions> options,
    IOptions<AccountOptions> accounts,
    TimeProvider time,
    ILogger<ApiKeyVerifier> logger)
{
    /// <returns>Null for a key that is unknown, inactive, expired or not accepted here.</returns>
    public async Task<VerifiedApiKey?> VerifyAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeyFormat.IsAccepted(key) && key != options.Value.OperatorKey)
            return null;

        var isAlwaysHere = key == options.Value.OperatorKey || key.StartsWith(ApiKeyFormat.Prefix, StringComparison.Ordinal);
        return await VerifyAsync(Credential.Hash(key), isAlwaysHere, cancellationToken);
    }

    /// <summary>The same for a key that was verified before and of which only the hash is left.</summary>
    public async Task<VerifiedApiKey?> VerifyHashAsync(string hash, CancellationToken cancellationToken)
    {
        // Only Gaia's own keys have a prefix on record.
        var isAlwaysHere = accounts.Value.ChosenBackend == AuthBackend.Postgresql
            || IsOfDeployment(hash)
            || await db.ApiKeys.AnyAsync(row => row.KeyHash == hash && row.KeyPrefix != null, cancellationToken);
        return await VerifyAsync(hash, isAlwaysHere, cancellationToken);
    }

    private async Task<VerifiedApiKey?> VerifyAsync(string hash, bool isAlwaysHere, CancellationToken cancellationToken)
    {
        if (hash == DevelopmentKey.Hash && !environment.IsDevelopment())
        {
            LogDevelopmentKey();
            return null;
        }

        return (isAlwaysHere || hash == DevelopmentKey.Hash ? AuthBackend.Postgresql : accounts.Value.ChosenBackend) switch
        {
            AuthBackend.Supabase => await supabase.FindAsync(hash, cancellationToken),
            AuthBackend.Dual => await FindHereAsync(hash, cancellationToken) ?? await supabase.FindAsync(hash, cancellationToken),
            AuthBackend.Postgresql => await FindHereAsync(hash, cancellationToken),
        };
    }

    private async Task<VerifiedApiKey?> FindHereAsync(string hash, CancellationToken cancellationToken)
    {
        var now = time.GetNaiveUtcNow();
        if (await FindAsync(hash, now, cancellationToken) is not { } found)
            return null;
        if (found.IsActive != true || found.ExpiresAt <= now || found.IsDisabled)
        {
            LogNotCurrent(found.KeyId, found.IsDisabled ? "of a disabled user" : found.IsActive != true ? "revoked" : "expired");
            return null;
        }

        usage.Record(found.KeyId, time.GetUtcNow());
        return new VerifiedApiKey(
            found.KeyId,
            hash,
            found.UserId,
            EmailAddress.Known(found.Email),
            found.Scopes ?? [],
            KeyRoles.Of(found.Permissions, IsOfDeployment(hash)),
            found.ExpiresAt is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : null,
            RateLimit.Parse(found.RateLimit),
            new AccessSummary(found.Roles, found.TeamIds, found.WorkspaceIds));
    }

    private bool IsOfDeployment(string hash) =>
        hash == DevelopmentKey.Hash || (options.Value.OperatorKey is { } key && Credential.Hash(key) == hash);

    /// <summary>The key, its owner and what the owner is, in one query.</summary>
    private Task<Found?> FindAsync(string hash, DateTime now, CancellationToken cancellationToken) => db.Database.SqlQuery<Found>($"""
        SELECT key.id AS "KeyId", owner.id AS "UserId", owner.email AS "Email", key.scopes AS "Scopes", key.permissions::text AS "Permissions",
            key.is_active AS "IsActive", key.expires_at AS "ExpiresAt", key.rate_limit AS "RateLimit", owner.disabled_at IS NOT NULL AS "IsDisabled",
            access.roles AS "Roles", access.team_ids AS "TeamIds", access.workspace_ids AS "WorkspaceIds"
        FROM api_keys AS key JOIN users AS owner ON owner.id = key.user_id
        CROSS JOIN LATERAL access_summary(owner.id, {NaiveUtc.Parameter(now)}) access
        WHERE key.key_hash = {hash}
        """).SingleOrDefaultAsync(cancellationToken);

    [LoggerMessage(LogLevel.Warning, "The development key was presented outside Development and refused")]
    private partial void LogDevelopmentKey();

    [LoggerMessage(LogLevel.Information, "API key {KeyId} was presented and refused: it is {Reason}")]
    private partial void LogNotCurrent(Guid keyId, string reason);

    private sealed record Found(
        Guid KeyId,
        Guid UserId,
        string Email,
        string[]? Scopes,
        string? Permissions,
        bool? IsActive,
        DateTime? ExpiresAt,
        string? RateLimit,
        bool IsDisabled,
        string[] Roles,
        string[] TeamIds,
        string[] WorkspaceIds);
}

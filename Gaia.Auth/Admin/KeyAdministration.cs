using System.Security.Claims;
using System.Text.Json.Nodes;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Audit;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Admin;

/// <summary>Reads the API keys of all users, and changes what their owners do not decide alone.</summary>
public sealed class KeyAdministration(AuthDbContext db, AdminChange change, SuperAdmins superAdmins, ApiKeyStore store, Revocation revocation, TimeProvider time)
{
    private const string TargetType = "api_key";
    private const int MaxRequests = 1_000_000;

    private static readonly TimeSpan MaxPeriod = TimeSpan.FromDays(31);

    internal async Task<List<AdminKeyBody>> ListAsync(KeyFilter filter, Page page, CancellationToken cancellationToken) => [.. (await db.Database.SqlQuery<Row>($"""
        SELECT key.id AS "Id", key.user_id AS "UserId", owner.email::text AS "UserEmail", key.name::text AS "Name", key.key_prefix::text AS "Prefix",
            coalesce(key.scopes, ARRAY[]::text[]) AS "Scopes", key.is_active IS TRUE AND (key.expires_at IS NULL OR key.expires_at > {Now}) AS "IsActive",
            key.created_at AS "CreatedAt", key.expires_at AS "ExpiresAt", key.last_used_at AS "LastUsedAt", key.rate_limit::text AS "RateLimit"
        FROM api_keys key JOIN users owner ON owner.id = key.user_id
        WHERE ({filter.UserId}::uuid IS NULL OR key.user_id = {filter.UserId})
          AND ({filter.Search}::text IS NULL OR position(lower({filter.Search}) IN lower(owner.email)) > 0
            OR position(lower({filter.Search}) IN lower(coalesce(key.name, ''))) > 0 OR position({filter.Search} IN coalesce(key.key_prefix, '')) > 0)
          AND ({!filter.ActiveOnly} OR (key.is_active IS TRUE AND (key.expires_at IS NULL OR key.expires_at > {Now})))
          AND ({!filter.LimitedOnly} OR key.rate_limit IS NOT NULL)
        ORDER BY CASE WHEN {filter.Sort} = 'used' THEN key.last_used_at END DESC NULLS LAST, CASE WHEN {filter.Sort} = 'user' THEN lower(owner.email) END,
            key.created_at DESC NULLS LAST, key.id
        LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken)).Select(row => row.ToBody())];

    /// <summary>Ends a key, whoever owns it.</summary>
    public Task<AdminError?> RevokeAsync(ClaimsPrincipal user, Guid keyId, CancellationToken cancellationToken) => ChangeAsync(user, keyId, "revoked", async key =>
    {
        key.IsActive = false;
        await change.LogAsync(AuditEvents.KeyRevoked, key.UserId, TargetType, keyId.ToString());
    }, AuthEvent.KeyRevoked, cancellationToken);

    /// <summary>Gives a key a limit in place of the one that holds for everybody, or, with null, takes it back.</summary>
    public async Task<AdminError?> LimitAsync(ClaimsPrincipal user, Guid keyId, string? limit, CancellationToken cancellationToken)
    {
        var parsed = RateLimit.Parse(limit);
        if (limit is not null && (parsed is not { Permits: <= MaxRequests, Burst: <= MaxRequests } || parsed.Period > MaxPeriod))
            return AdminError.Invalid($"rate_limit must be permits/seconds/burst, such as 50/3600/50: permits and burst from 1 to {MaxRequests}, seconds from 1 to {MaxPeriod.TotalSeconds}; or null");
        return await ChangeAsync(user, keyId, "limited", async key =>
        {
            key.RateLimit = parsed?.ToString();
            await change.LogAsync(AuditEvents.KeyLimited, key.UserId, TargetType, keyId.ToString(), new JsonObject { ["rate_limit"] = key.RateLimit });
        }, published: null, cancellationToken);
    }

    private async Task<AdminError?> ChangeAsync(
        ClaimsPrincipal user, Guid keyId, string reason, Func<ApiKey, Task> apply, string? published, CancellationToken cancellationToken)
    {
        ApiKey? changed = null;
        var error = await change.RunAsync(user, async () =>
        {
            changed = await db.ApiKeys.FromSql($"SELECT * FROM api_keys WHERE id = {keyId} FOR UPDATE").AsTracking().SingleOrDefaultAsync(cancellationToken);
            if (changed is not { IsActive: true })
                return AdminError.NotFound($"API key {keyId}");
            var isOfSuperAdmin = ConfiguredKeys.Owns(changed) || await superAdmins.IsOneAsync(changed.UserId, cancellationToken);
            if (isOfSuperAdmin && change.Grantor.Check([Grantor.Everything], change.Now) is { } missing)
                return missing;
            await apply(changed);
            return null;
        }, cancellationToken);
        if (error is not null)
            return error;
        // What is remembered of it says how it was before.
        await revocation.AnnounceKeysAsync([changed!.KeyHash], reason, cancellationToken);
        if (published is not null)
            store.Publish(published, changed);
        return null;
    }

    private Npgsql.NpgsqlParameter Now => NaiveUtc.Parameter(time.GetNaiveUtcNow());

    private sealed record Row(
        Guid Id, Guid UserId, string UserEmail, string? Name, string? Prefix, string[] Scopes, bool IsActive, DateTime? CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt, string? RateLimit)
    {
        public AdminKeyBody ToBody() => new(Id, UserId, UserEmail, Name, Prefix, Scopes, IsActive, CreatedAt, ExpiresAt, LastUsedAt, RateLimit);
    }
}

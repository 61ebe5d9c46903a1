using Gaia.Auth.Audit;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>A key and the one in its place.</summary>
public sealed record RotatedApiKey(ApiKey Former, CreatedApiKey Created);

/// <summary>Puts a new key in the place of an old one, which goes on counting for a while, so that a client can change over.</summary>
public sealed class ApiKeyRotation(
    AuthDbContext db, ApiKeyStore store, Revocation revocation, AuditLog audit, IOptions<ApiKeyOptions> options, TimeProvider time)
{
    public enum Refusal
    {
        None,
        NotFound,
        NotCurrent,
        AlreadyRotated,
        ComesWithTheDeployment,
        GivesMore,
    }

    /// <param name="caller">The owner, with the credential that asks.</param>
    /// <param name="keyId">The old key.</param>
    /// <param name="overlap">How long the old key goes on counting, unless it expires earlier; zero ends it at once.</param>
    public async Task<(RotatedApiKey? Rotated, Refusal Refusal)> RotateAsync(
        Caller caller, Guid keyId, TimeSpan overlap, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await store.LockAsync(caller.UserId, keyId, cancellationToken) is not { } former)
            return (null, Refusal.NotFound);
        if (Refuse(former, caller, await EndOfAsync(caller, cancellationToken)) is var refusal && refusal != Refusal.None)
            return (null, refusal);

        var rotated = await RotateAsync(former, overlap);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await AnnounceAsync([rotated], cancellationToken);
        return (rotated, Refusal.None);
    }

    /// <summary>Rotates all keys of the user that are older than the policy, or <paramref name="olderThan"/>, allows.</summary>
    public async Task<IReadOnlyList<RotatedApiKey>> RotateDueAsync(Caller caller, TimeSpan? olderThan, TimeSpan overlap, CancellationToken cancellationToken)
    {
        var age = olderThan ?? (options.Value.RotateAfterDays is { } days ? TimeSpan.FromDays(days) : null);
        if (age is null)
            return [];

        var now = time.GetUtcNow();
        var before = now - age.Value;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var due = await db.ApiKeys.FromSql($"""
            SELECT * FROM api_keys
            WHERE user_id = {caller.UserId} AND is_active AND rotated_to IS NULL AND created_at <= {before} AT TIME ZONE 'utc'
                AND (expires_at IS NULL OR expires_at > {now} AT TIME ZONE 'utc')
            ORDER BY created_at FOR UPDATE
            """).AsTracking().ToListAsync(cancellationToken);
        var rotated = new List<RotatedApiKey>();
        var end = await EndOfAsync(caller, cancellationToken);
        foreach (var former in due.Where(key => Refuse(key, caller, end) == Refusal.None))
            rotated.Add(await RotateAsync(former, overlap));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await AnnounceAsync(rotated, cancellationToken);
        return rotated;
    }

    private async Task<RotatedApiKey> RotateAsync(ApiKey former, TimeSpan overlap)
    {
        var created = store.Add(new ApiKey
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UserId = former.UserId,
            KeyHash = "",
            Name = former.Name,
            Permissions = former.Permissions,
            Scopes = former.Scopes,
            RateLimit = former.RateLimit,
            ExpiresAt = former.ExpiresAt,
        });
        var end = time.GetNaiveUtcNow() + overlap;
        former.RotatedTo = created.Row.Id;
        former.IsActive = overlap > TimeSpan.Zero;
        former.ExpiresAt = former.ExpiresAt < end ? former.ExpiresAt : end;
        await audit.AddAsync(AuditEvents.KeyRotated, former.UserId, former.UserId, "api_key", former.Id.ToString(), new() { ["rotated_to"] = created.Row.Id.ToString() });
        return new RotatedApiKey(former, created);
    }

    private Refusal Refuse(ApiKey key, Caller caller, DateTime? end) => key switch
    {
        { RotatedTo: not null } => Refusal.AlreadyRotated,
        { IsActive: not true } => Refusal.NotCurrent,
        { ExpiresAt: { } ended } when ended <= time.GetNaiveUtcNow() => Refusal.NotCurrent,
        _ when ConfiguredKeys.Owns(key) => Refusal.ComesWithTheDeployment,
        _ when key.Id != caller.ApiKeyId && GivesMore(key, caller, end) => Refusal.GivesMore,
        _ => Refusal.None,
    };

    /// <summary>The caller is shown the new key: it must be worth no more than what the caller came with.</summary>
    private static bool GivesMore(ApiKey key, Caller caller, DateTime? end) =>
        !CredentialScopes.CoverAll(caller.Scopes, key.Scopes ?? [])
        || KeyRoles.Of(key.Permissions, isOfDeployment: false).Except(caller.Roles, StringComparer.Ordinal).Any()
        || (end is not null && !(key.ExpiresAt <= end));

    /// <summary>When the key ends that the caller came with; null for never.</summary>
    private async Task<DateTime?> EndOfAsync(Caller caller, CancellationToken cancellationToken) =>
        caller.ApiKeyId is { } own ? (await store.FindAsync(caller.UserId, own, cancellationToken))?.ExpiresAt : null;

    private async Task AnnounceAsync(IReadOnlyList<RotatedApiKey> rotated, CancellationToken cancellationToken)
    {
        if (rotated is [])
            return;
        // Also where the old key goes on for a while: what is remembered of it does not know its new end.
        await revocation.AnnounceKeysAsync([.. rotated.Select(pair => pair.Former.KeyHash)], "rotated", cancellationToken);
        foreach (var pair in rotated)
            store.Publish(AuthEvent.KeyRotated, pair.Former);
    }
}

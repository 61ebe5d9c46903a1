using Gaia.Auth.Audit;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <param name="Row">As stored.</param>
/// <param name="Secret">The key itself: shown to its owner once, kept nowhere.</param>
public sealed record CreatedApiKey(ApiKey Row, string Secret)
{
    /// <summary>Without the secret, for it must not reach a log.</summary>
    public override string ToString() => $"{nameof(CreatedApiKey)} {{ Id = {Row.Id} }}";
}

/// <summary>Makes, lists, renames and revokes the API keys of a user. Another user's key is not there.</summary>
public sealed class ApiKeyStore(
    AuthDbContext db, Revocation revocation, AuditLog audit, IEventBus events, IOptions<ApiKeyOptions> options, TimeProvider time)
{
    private const string TargetType = "api_key";

    /// <param name="userId">The owner, who must exist.</param>
    /// <param name="name">How the owner calls it.</param>
    /// <param name="scopes">What it is limited to; none is no limit.</param>
    /// <param name="expiresAt">When it ends; null for never.</param>
    /// <returns>Null when the user has as many keys as one may have.</returns>
    public async Task<CreatedApiKey?> CreateAsync(
        Guid userId, string name, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Two requests at once must not both find room for the last key.
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM users WHERE id = {userId} FOR UPDATE", cancellationToken);
        if (await Counting(userId).CountAsync(cancellationToken) >= options.Value.MaxPerUser)
            return null;

        var created = Add(new ApiKey
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UserId = userId,
            KeyHash = "",
            Name = name,
            Permissions = "{}",
            Scopes = [.. scopes],
            IsActive = true,
            ExpiresAt = expiresAt is { } end ? Naive(end) : null,
        });
        await audit.AddAsync(AuditEvents.KeyCreated, userId, userId, TargetType, created.Row.Id.ToString());
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Publish(AuthEvent.KeyCreated, created.Row);
        return created;
    }

    public Task<List<ApiKey>> ListAsync(Guid userId, CancellationToken cancellationToken) =>
        Own(userId).OrderByDescending(key => key.CreatedAt).ThenBy(key => key.Id).ToListAsync(cancellationToken);

    public Task<ApiKey?> FindAsync(Guid userId, Guid keyId, CancellationToken cancellationToken) =>
        Own(userId).SingleOrDefaultAsync(key => key.Id == keyId, cancellationToken);

    /// <returns>The key under its new name; null when the user has no such key.</returns>
    public async Task<ApiKey?> RenameAsync(Guid userId, Guid keyId, string name, CancellationToken cancellationToken)
    {
        if (await Own(userId).AsTracking().SingleOrDefaultAsync(key => key.Id == keyId, cancellationToken) is not { } row)
            return null;
        row.Name = name;
        await audit.AddAsync(AuditEvents.KeyRenamed, userId, userId, TargetType, keyId.ToString());
        await db.SaveChangesAsync(cancellationToken);
        Publish(AuthEvent.KeyRenamed, row);
        return row;
    }

    /// <returns>False when the user has no such key, or it was revoked before.</returns>
    public async Task<bool> RevokeAsync(Guid userId, Guid keyId, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(userId, keyId, cancellationToken) is not { IsActive: true } row)
            return false;
        row.IsActive = false;
        await audit.AddAsync(AuditEvents.KeyRevoked, userId, userId, TargetType, keyId.ToString());
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await revocation.AnnounceKeysAsync([row.KeyHash], "revoked", cancellationToken);
        Publish(AuthEvent.KeyRevoked, row);
        return true;
    }

    /// <summary>The row, so that nobody else changes it until the transaction ends.</summary>
    internal Task<ApiKey?> LockAsync(Guid userId, Guid keyId, CancellationToken cancellationToken) =>
        db.ApiKeys.FromSql($"SELECT * FROM api_keys WHERE id = {keyId} AND user_id = {userId} FOR UPDATE").AsTracking().SingleOrDefaultAsync(cancellationToken);

    /// <summary>Gives a row that is to be saved a key of its own.</summary>
    internal CreatedApiKey Add(ApiKey draft)
    {
        var secret = ApiKeyFormat.Generate();
        var row = new ApiKey
        {
            Id = draft.Id,
            UserId = draft.UserId,
            KeyHash = Credential.Hash(secret),
            KeyPrefix = secret[..ApiKeyFormat.DisplayLength],
            Name = draft.Name,
            Permissions = draft.Permissions,
            Scopes = draft.Scopes,
            RateLimit = draft.RateLimit,
            IsActive = true,
            ExpiresAt = draft.ExpiresAt,
        };
        db.ApiKeys.Add(row);
        return new CreatedApiKey(row, secret);
    }

    internal void Publish(string what, ApiKey key) =>
        events.Publish(new AuthEvent(what, time.GetUtcNow().UtcDateTime, UserId: key.UserId, ApiKeyId: key.Id));

    private static DateTime Naive(DateTimeOffset instant) => DateTime.SpecifyKind(instant.UtcDateTime, DateTimeKind.Unspecified);

    private IQueryable<ApiKey> Own(Guid userId) => db.ApiKeys.Where(key => key.UserId == userId);

    private IQueryable<ApiKey> Counting(Guid userId)
    {
        var now = time.GetNaiveUtcNow();
        return Own(userId).Where(key => key.IsActive == true && (key.ExpiresAt == null || key.ExpiresAt > now));
    }
}

using Gaia.Auth.Sessions;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.ApiKeys;

/// <param name="Row">As stored.</param>
/// <param name="Secret">The key itself: shown to its owner once, kept nowhere.</param>
public sealed record CreatedApiKey(ApiKey Row, string Secret)
{
    /// <summary>Without the secret, for it must not reach a log.</summary>
    public override string ToString() => $"{nameof(CreatedApiKey)} {{ Id = {Row.Id} }}";
}

/// <summary>Makes and revokes the API keys of a user.</summary>
public sealed class ApiKeyStore(AuthDbContext db, Revocation revocation, TimeProvider time)
{
    /// <param name="userId">The owner, who must exist.</param>
    /// <param name="name">How the owner calls it.</param>
    /// <param name="scopes">What it is limited to; none is no limit.</param>
    /// <param name="expiresAt">When it ends; null for never.</param>
    public async Task<CreatedApiKey> CreateAsync(
        Guid userId, string name, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        var secret = ApiKeyFormat.Generate();
        var row = new ApiKey
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UserId = userId,
            KeyHash = Credential.Hash(secret),
            KeyPrefix = secret[..ApiKeyFormat.DisplayLength],
            Name = name,
            Permissions = "{}",
            Scopes = [.. scopes],
            IsActive = true,
            ExpiresAt = expiresAt is { } end ? DateTime.SpecifyKind(end.UtcDateTime, DateTimeKind.Unspecified) : null,
        };
        db.ApiKeys.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        db.Entry(row).State = EntityState.Detached;
        return new CreatedApiKey(row, secret);
    }

    /// <returns>False when the user has no such key, or it was revoked before.</returns>
    public async Task<bool> RevokeAsync(Guid userId, Guid keyId, CancellationToken cancellationToken)
    {
        var own = db.ApiKeys.Where(key => key.Id == keyId && key.UserId == userId && key.IsActive == true);
        if (await own.Select(key => key.KeyHash).SingleOrDefaultAsync(cancellationToken) is not { } hash
            || await own.ExecuteUpdateAsync(row => row.SetProperty(key => key.IsActive, false), cancellationToken) == 0)
        {
            return false;
        }

        var tokens = await SessionStore.TokensOfKeyAsync(db, hash, time.GetUtcNow(), cancellationToken);
        await revocation.AnnounceAsync([hash, .. tokens], "revoked");
        return true;
    }
}

using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Tokens;

/// <summary>Makes every cache forget credentials that count no longer. Call it after the change is committed.</summary>
public sealed class Revocation(IServiceScopeFactory scopes, TwoLevelCache cache, IEventBus events, TimeProvider time)
{
    /// <summary>How many hashes an event carries at most.</summary>
    private const int MaxAnnounced = 500;

    /// <summary>API keys, and with them the tokens that were given for them.</summary>
    public async Task AnnounceKeysAsync(IReadOnlyList<string> keyHashes, string reason, CancellationToken cancellationToken)
    {
        await AnnounceAsync(keyHashes, reason);
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        var tokens = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().AccessTokens
            .Where(token => token.ApiKeyHash != null && keyHashes.Contains(token.ApiKeyHash) && token.ExpiresAt > now)
            .Select(token => token.TokenHash).ToListAsync(cancellationToken);
        await AnnounceAsync(tokens, reason);
    }

    public async Task AnnounceAsync(IReadOnlyList<string> hashes, string reason)
    {
        // First Redis: whoever hears the event must not find the credential there again.
        foreach (var hash in hashes)
        {
            await cache.RemoveAsync(Credential.CacheKey(CredentialKind.ApiKey, hash));
            await cache.RemoveAsync(Credential.CacheKey(CredentialKind.Jwt, hash));
        }

        foreach (var some in hashes.Chunk(MaxAnnounced))
            events.Publish(new CredentialsRevokedEvent(some, reason, time.GetUtcNow().UtcDateTime));
    }
}

using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Tokens;

/// <summary>Makes every cache forget credentials that count no longer. Call it after the change is committed.</summary>
public sealed class Revocation(TwoLevelCache cache, IEventBus events, TimeProvider time)
{
    public async Task AnnounceAsync(IReadOnlyList<string> hashes, string reason)
    {
        // First Redis: whoever hears the event must not find the credential there again.
        foreach (var hash in hashes)
        {
            await cache.RemoveAsync(Credential.CacheKey(CredentialKind.ApiKey, hash));
            await cache.RemoveAsync(Credential.CacheKey(CredentialKind.Jwt, hash));
        }

        events.Publish(new CredentialsRevokedEvent(hashes, reason, time.GetUtcNow().UtcDateTime));
    }
}

using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Auth.Access;

/// <summary>Makes every process ask again what users may do. Call it after the change is committed.</summary>
public sealed class AccessChanges(PermissionStore permissions, IEventBus events, TimeProvider time)
{
    /// <param name="userIds">Whose permissions or roles changed; null for everybody's.</param>
    public async Task AnnounceAsync(IReadOnlyList<Guid>? userIds)
    {
        // First here and in Redis: whoever hears the event must not find the old ones again.
        await permissions.ForgetAsync(userIds);
        events.Publish(new PermissionsChangedEvent(userIds, time.GetUtcNow().UtcDateTime));
    }
}

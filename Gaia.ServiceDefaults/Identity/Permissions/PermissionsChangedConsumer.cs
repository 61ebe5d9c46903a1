using Gaia.ServiceDefaults.Events;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>Has permissions asked for again as soon as Auth says that they changed.</summary>
internal sealed class PermissionsChangedConsumer(PermissionChanges changes) : IEventConsumer<PermissionsChangedEvent>
{
    public Task HandleAsync(PermissionsChangedEvent value, CancellationToken cancellationToken)
    {
        changes.Record(value.UserIds);
        return Task.CompletedTask;
    }
}

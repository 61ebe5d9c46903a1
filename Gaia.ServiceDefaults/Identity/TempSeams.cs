using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.ServiceDefaults.Identity
{
    public interface IAuthority
    {
        Task<UserPermissions> GetPermissionsAsync(Guid userId, IReadOnlyList<string> keyRoles, CancellationToken cancellationToken);
    }
}

namespace Gaia.ServiceDefaults.Events
{
    public sealed record PermissionsChangedEvent(IReadOnlyList<Guid>? UserIds, DateTime Timestamp) : IEvent<PermissionsChangedEvent>
    {
        public const string ChangedSubject = "gaia.auth.permissions";

        [JsonIgnore]
        public string Subject => ChangedSubject;

        public static JsonTypeInfo<PermissionsChangedEvent> Json => EventJson.Default.PermissionsChangedEvent;
    }
}

using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gaia.ServiceDefaults.Events;

/// <summary>
/// Subjects <c>gaia.auth.login</c>, <c>.logout</c>, <c>.validation_failed</c>, <c>.key.created</c>, <c>.key.renamed</c>,
/// <c>.key.rotated</c>, <c>.key.revoked</c> and <c>.role.changed</c>: something happened to an account. Carries no secret.
/// </summary>
/// <param name="Event">What happened: the end of the subject.</param>
/// <param name="UserId">Whom it happened to, where that is known.</param>
/// <param name="ActorId">Who did it, where that is somebody else.</param>
/// <param name="ApiKeyId">The key it is about.</param>
/// <param name="Role">The role it is about.</param>
/// <param name="Reason">Why, in a word of ours.</param>
public sealed record AuthEvent(
    string Event,
    DateTime Timestamp,
    Guid? UserId = null,
    Guid? ActorId = null,
    Guid? ApiKeyId = null,
    string? Role = null,
    string? Reason = null) : IEvent<AuthEvent>
{
    public const string Login = "login";
    public const string Logout = "logout";
    public const string ValidationFailed = "validation_failed";
    public const string KeyCreated = "key.created";
    public const string KeyRenamed = "key.renamed";
    public const string KeyRotated = "key.rotated";
    public const string KeyRevoked = "key.revoked";
    public const string RoleChanged = "role.changed";

    [JsonIgnore]
    public string Subject => "gaia.auth." + Event;

    public static JsonTypeInfo<AuthEvent> Json => EventJson.Default.AuthEvent;
}

/// <summary>Subject <c>gaia.auth.permissions</c>: every cache drops what it knows of what these users may do.</summary>
/// <param name="UserIds">Whom it concerns; null for everybody.</param>
public sealed record PermissionsChangedEvent(IReadOnlyList<Guid>? UserIds, DateTime Timestamp) : IEvent<PermissionsChangedEvent>
{
    public const string ChangedSubject = "gaia.auth.permissions";

    [JsonIgnore]
    public string Subject => ChangedSubject;

    public static JsonTypeInfo<PermissionsChangedEvent> Json => EventJson.Default.PermissionsChangedEvent;
}

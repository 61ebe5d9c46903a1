using System.Text.Json.Serialization;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>All that a user may do, as Auth tells it to the services.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Roles">Roles that count, with those that the credential adds.</param>
/// <param name="TeamIds">Teams the user belongs to and those above them.</param>
/// <param name="WorkspaceIds">Active workspaces the user belongs to.</param>
/// <param name="Grants">What follows from roles, teams, workspaces and of the user's own.</param>
public sealed record UserPermissions(
    Guid UserId,
    IReadOnlyList<HeldRole> Roles,
    IReadOnlyList<Guid> TeamIds,
    IReadOnlyList<Guid> WorkspaceIds,
    IReadOnlyList<PermissionGrant> Grants)
{
    /// <summary>When whoever keeps this asked for it, UTC.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTimeOffset FetchedAt { get; init; }

    /// <summary>Made when first needed in this process.</summary>
    [JsonIgnore]
    internal PermissionSet? Set { get; set; }
}

/// <summary>A role that a user holds.</summary>
/// <param name="Name">The role's name.</param>
/// <param name="Context">Where it is held; null for everywhere.</param>
/// <param name="ExpiresAt">When it ends, UTC; null for never.</param>
public sealed record HeldRole(string Name, PermissionContext? Context = null, DateTimeOffset? ExpiresAt = null);

/// <summary>One thing that a user may do, or with <paramref name="Allowed"/> false may not do whatever else says so.</summary>
/// <param name="ResourceType">Such as <c>kb</c>.</param>
/// <param name="Action">Such as <c>read</c>.</param>
/// <param name="Path">A pattern (see <see cref="PathPattern"/>), with the user's id put in; null for all resources of the type.</param>
/// <param name="Allowed">False is a ban.</param>
/// <param name="Context">Where it holds; null for everywhere.</param>
/// <param name="ExpiresAt">When it ends, UTC; null for never.</param>
public sealed record PermissionGrant(
    string ResourceType,
    string Action,
    string? Path = null,
    bool Allowed = true,
    PermissionContext? Context = null,
    DateTimeOffset? ExpiresAt = null);

/// <summary>A place in which a role or permission may be held alone, such as one team.</summary>
/// <param name="Type">Such as <c>team</c>.</param>
/// <param name="Id">Which of them.</param>
public sealed record PermissionContext(string Type, string Id);

[JsonSourceGenerationOptions(
    System.Text.Json.JsonSerializerDefaults.Web,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UserPermissions))]
public sealed partial class PermissionsJson : JsonSerializerContext;

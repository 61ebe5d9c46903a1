using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Auth.Admin;

/// <summary>A user in a list.</summary>
/// <param name="Roles">Roles held everywhere that have not ended.</param>
public sealed record UserBody(Guid Id, string Email, string? Name, IReadOnlyList<string> Roles, bool Disabled, DateTime? CreatedAt, DateTime? UpdatedAt);

/// <summary>A role that a user holds.</summary>
/// <param name="ContextType">Null for everywhere.</param>
/// <param name="ExpiresAt">Null for never.</param>
public sealed record AssignedRole(
    Guid RoleId, string Role, string? DisplayName, string? ContextType, string? ContextId, DateTime? AssignedAt, string? AssignedBy, DateTime? ExpiresAt);

/// <summary>A permission that a user was given, or banned from, without a role.</summary>
/// <param name="Granted">False is a ban.</param>
public sealed record DirectGrant(
    Guid PermissionId,
    string ResourceType,
    string? ResourcePath,
    string Action,
    bool Granted,
    string? ContextType,
    string? ContextId,
    DateTime? GrantedAt,
    string? GrantedBy,
    DateTime? ExpiresAt);

/// <summary>All about one user.</summary>
/// <param name="Permissions">Those given without a role.</param>
/// <param name="Effective">What follows from all of it.</param>
public sealed record UserDetails(UserBody User, IReadOnlyList<AssignedRole> Roles, IReadOnlyList<DirectGrant> Permissions, UserPermissions Effective);

/// <param name="Role">Name or id.</param>
/// <param name="ContextType">Where it counts alone, such as <c>team</c>; left out for everywhere.</param>
/// <param name="ContextId">Which of them.</param>
/// <param name="ExpiresAt">Until when, UTC; left out for ever.</param>
public sealed record AssignRoleRequest(string? Role, string? ContextType, string? ContextId, DateTime? ExpiresAt);

/// <param name="PermissionId">Which permission.</param>
/// <param name="Granted">False bans the user from it, whatever else allows it.</param>
public sealed record GrantPermissionRequest(Guid? PermissionId, bool? Granted, string? ContextType, string? ContextId, DateTime? ExpiresAt);

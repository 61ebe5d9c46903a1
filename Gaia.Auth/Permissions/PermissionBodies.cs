using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Auth.Permissions;

/// <param name="ResourcePath">A pattern; null for all resources of the type. <c>{user_id}</c> stands for whoever holds it.</param>
public sealed record PermissionBody(Guid Id, string ResourceType, string? ResourcePath, string Action, string? Description, DateTime? CreatedAt);

public sealed record CreatePermissionRequest(string? ResourceType, string? ResourcePath, string? Action, string? Description);

/// <param name="Path">Which resource; left out asks for all of the type.</param>
public sealed record CheckRequest(Guid? UserId, string? ResourceType, string? Action, string? Path, string? ContextType, string? ContextId);

public sealed record CheckResponse(bool Allowed, Guid UserId, string ResourceType, string Action, string? Path, PermissionContext? Context);

/// <summary>What somebody may do with a resource.</summary>
/// <param name="ResourceId">Its path, or a pattern.</param>
/// <param name="PrincipalType"><c>user</c>, <c>team</c>, <c>workspace</c> or <c>role</c>.</param>
/// <param name="Permissions">Actions.</param>
public sealed record ResourceGrantBody(
    Guid Id,
    string ResourceType,
    string ResourceId,
    string PrincipalType,
    string PrincipalId,
    IReadOnlyList<string> Permissions,
    string? GrantedBy,
    DateTime? GrantedAt,
    DateTime? ExpiresAt);

/// <summary>Replaces what this principal had been granted on this resource.</summary>
public sealed record GrantResourceRequest(
    string? ResourceType, string? ResourceId, string? PrincipalType, string? PrincipalId, IReadOnlyList<string>? Permissions, DateTime? ExpiresAt);

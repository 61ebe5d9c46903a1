using Gaia.Auth.Permissions;

namespace Gaia.Auth.Roles;

/// <param name="RoleType"><c>system</c> for those that come with Gaia.</param>
/// <param name="Holders">How many users hold it, anywhere.</param>
public sealed record RoleBody(
    Guid Id, string Name, string DisplayName, string? Description, string RoleType, bool IsActive, long Holders, DateTime? CreatedAt, DateTime? UpdatedAt)
{
    public bool IsSystem => RoleType == "system";
}

public sealed record RoleDetails(RoleBody Role, IReadOnlyList<PermissionBody> Permissions);

/// <param name="Name">What the role is referred to by; cannot be changed later.</param>
/// <param name="RoleType"><c>custom</c> (the default), <c>team</c> or <c>workspace</c>.</param>
public sealed record CreateRoleRequest(string? Name, string? DisplayName, string? Description, string? RoleType);

/// <summary>What is left out stays as it is.</summary>
public sealed record UpdateRoleRequest(string? DisplayName, string? Description, bool? IsActive);

public sealed record RolePermissionRequest(Guid? PermissionId);

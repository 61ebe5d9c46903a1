namespace Gaia.Auth.Audit;

/// <summary>The kinds of security events. The first three are the legacy system's.</summary>
public static class AuditEvents
{
    public const string RoleAssigned = "role_assigned";
    public const string RoleRevoked = "role_revoked";
    public const string ResourceShared = "resource_shared";

    public const string Registered = "registered";
    public const string Login = "login";
    public const string LoginFailed = "login_failed";
    public const string Logout = "logout";
    public const string PasswordChanged = "password_changed";
    public const string EmailConfirmed = "email_confirmed";
    public const string SessionRevoked = "session_revoked";

    public const string KeyCreated = "key_created";
    public const string KeyRenamed = "key_renamed";
    public const string KeyRotated = "key_rotated";
    public const string KeyRevoked = "key_revoked";
    public const string KeyLimited = "key_limited";
    public const string KeyRotationDue = "key_rotation_due";
    public const string KeyUsedFromNewAddress = "key_used_from_new_address";

    public const string AdminRead = "admin_read";
    public const string UserDisabled = "user_disabled";
    public const string UserEnabled = "user_enabled";
    public const string RoleCreated = "role_created";
    public const string RoleUpdated = "role_updated";
    public const string RoleDeleted = "role_deleted";
    public const string RolePermissionAdded = "role_permission_added";
    public const string RolePermissionRemoved = "role_permission_removed";
    public const string PermissionCreated = "permission_created";
    public const string PermissionGranted = "permission_granted";
    public const string PermissionRevoked = "permission_revoked";
    public const string ResourceUnshared = "resource_unshared";
    public const string TeamCreated = "team_created";
    public const string TeamUpdated = "team_updated";
    public const string TeamDeleted = "team_deleted";
    public const string TeamMemberSet = "team_member_set";
    public const string TeamMemberRemoved = "team_member_removed";
    public const string WorkspaceCreated = "workspace_created";
    public const string WorkspaceUpdated = "workspace_updated";
    public const string WorkspaceDeleted = "workspace_deleted";
    public const string WorkspaceMemberAdded = "workspace_member_added";
    public const string WorkspaceMemberRemoved = "workspace_member_removed";
    public const string GrantsExpired = "grants_expired";
}

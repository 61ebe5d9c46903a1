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
    public const string EmailConfirmed = "email_confirmed";
    public const string SessionRevoked = "session_revoked";

    public const string KeyCreated = "key_created";
    public const string KeyRenamed = "key_renamed";
    public const string KeyRotated = "key_rotated";
    public const string KeyRevoked = "key_revoked";
    public const string KeyRotationDue = "key_rotation_due";
    public const string KeyUsedFromNewAddress = "key_used_from_new_address";

    public const string AdminRead = "admin_read";
}

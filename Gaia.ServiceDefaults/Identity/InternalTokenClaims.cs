namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// The internal token: an ES256 JWT that only Auth signs, for the other services alone. Beside the registered <c>iss</c>,
/// <c>aud</c>, <c>sub</c> (the user's id), <c>iat</c>, <c>nbf</c>, <c>exp</c> and <c>jti</c> it carries these claims; a list
/// that would be empty is left out.
/// </summary>
public static class InternalTokenClaims
{
    public const string Issuer = "gaia-auth";
    public const string Audience = "gaia-internal";

    public const string Subject = "sub";
    public const string Email = "email";
    public const string AuthType = "auth_type";
    public const string ApiKeyId = "api_key_id";
    public const string Roles = "roles";
    public const string KeyRoles = "key_roles";
    public const string Scopes = "scopes";
    public const string TeamIds = "team_ids";
    public const string WorkspaceIds = "workspace_ids";
    public const string SessionId = "session_id";
    public const string RateLimit = "rate_limit";
}

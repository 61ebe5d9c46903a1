using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Access;

/// <summary>Reads what a user is and may do, in one query each.</summary>
public sealed class AccessReader(AuthDbContext db, TimeProvider time)
{
    private const string Role = "role";
    private const string Team = "team";
    private const string Workspace = "workspace";

    /// <param name="userId">Whose; of an unknown user nothing is known, so nothing is allowed.</param>
    /// <param name="keyRoles">Roles that the credential adds.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<UserPermissions> ReadAsync(Guid userId, IReadOnlyList<string> keyRoles, CancellationToken cancellationToken)
    {
        // The text of the user's id is what resource_permissions keeps. EXTRACT reads a time of either legacy type as UTC.
        string[] names = [.. keyRoles];
        var rows = await db.Database.SqlQuery<AccessRow>($"""
            WITH held AS (
                SELECT role.id, role.name, nullif(nullif(held.context_type, 'global'), '') AS context_type, held.context_id, held.expires_at
                FROM user_roles held JOIN roles role ON role.id = held.role_id
                WHERE held.user_id = {userId} AND role.is_active IS NOT FALSE
                UNION ALL
                SELECT role.id, role.name, NULL, NULL, NULL FROM roles role WHERE role.name = ANY ({names}) AND role.is_active IS NOT FALSE),
            teams_of AS (SELECT team_id FROM access_teams({userId})),
            workspaces_of AS (SELECT workspace_id, expires_at FROM access_workspaces({userId})),
            principals (type, id, context_type, context_id, expires_at) AS (
                SELECT 'user', {userId}::text, NULL::text, NULL::text, NULL::timestamp
                UNION ALL SELECT 'team', team_id::text, NULL, NULL, NULL FROM teams_of
                UNION ALL SELECT 'workspace', workspace_id::text, NULL, NULL, expires_at FROM workspaces_of
                UNION ALL SELECT 'role', id::text, context_type, context_id, expires_at FROM held
                UNION ALL SELECT 'role', name, context_type, context_id, expires_at FROM held)
            SELECT 'role' AS "Kind", name::text AS "Name", NULL::text AS "Path", NULL::text AS "Action", true AS "Allowed",
                context_type::text AS "ContextType", context_id::text AS "ContextId", extract(epoch FROM expires_at)::float8 AS "ExpiresAt"
            FROM held
            UNION ALL SELECT 'team', team_id::text, NULL, NULL, true, NULL, NULL, NULL FROM teams_of
            UNION ALL SELECT 'workspace', workspace_id::text, NULL, NULL, true, NULL, NULL, extract(epoch FROM expires_at)::float8 FROM workspaces_of
            UNION ALL
            SELECT 'template', permission.resource_type, permission.resource_path, permission.action, true,
                held.context_type, held.context_id, extract(epoch FROM held.expires_at)::float8
            FROM held JOIN role_permissions given ON given.role_id = held.id JOIN permissions permission ON permission.id = given.permission_id
            UNION ALL
            SELECT 'template', permission.resource_type, permission.resource_path, permission.action, own.granted IS NOT FALSE,
                nullif(nullif(own.context_type, 'global'), ''), own.context_id, extract(epoch FROM own.expires_at)::float8
            FROM user_permissions own JOIN permissions permission ON permission.id = own.permission_id
            WHERE own.user_id = {userId}
            UNION ALL
            SELECT 'resource', resource.resource_type, resource.resource_id, action.name, true,
                principal.context_type, principal.context_id, extract(epoch FROM least(principal.expires_at, resource.expires_at))::float8
            FROM principals principal
            JOIN resource_permissions resource ON resource.principal_type = principal.type AND resource.principal_id = principal.id
            CROSS JOIN unnest(resource.permissions) AS action (name)
            WHERE resource.resource_id <> ''
            """).ToListAsync(cancellationToken);

        return new UserPermissions(
            userId,
            [.. rows.Where(row => row.Kind == Role).Select(row => new HeldRole(row.Name, row.Context, row.Ends))],
            [.. rows.Where(row => row.Kind == Team).Select(row => Guid.Parse(row.Name))],
            [.. rows.Where(row => row.Kind == Workspace).Select(row => Guid.Parse(row.Name))],
            // Several roles often give the same.
            [.. rows.Where(row => row.Action is not null).Select(row => ToGrant(row, userId)).Distinct()]);
    }

    /// <summary>What the internal token of a user says; null for one who is unknown or disabled, whose credentials are all refused.</summary>
    public Task<AccessSummary?> SummariseAsync(Guid userId, CancellationToken cancellationToken) => db.Database.SqlQuery<AccessSummary>($"""
        SELECT access.roles AS "Roles", access.team_ids AS "TeamIds", access.workspace_ids AS "WorkspaceIds"
        FROM users CROSS JOIN LATERAL access_summary(users.id, {NaiveUtc.Parameter(time.GetNaiveUtcNow())}) access
        WHERE users.id = {userId} AND users.disabled_at IS NULL
        """).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Only permissions are patterns with a place for the user: the id of a resource is what somebody called it.</summary>
    private static PermissionGrant ToGrant(AccessRow row, Guid userId) => new(
        row.Name, row.Action!, row.Kind == "template" ? PermissionTemplate.Resolve(row.Path, userId) : row.Path, row.Allowed, row.Context, row.Ends);

    /// <param name="Kind"><c>role</c>, <c>team</c>, <c>workspace</c>, <c>template</c> or <c>resource</c>.</param>
    /// <param name="Name">The role's name, an id, or the type of the resource.</param>
    /// <param name="ExpiresAt">Seconds since 1970.</param>
    private sealed record AccessRow(string Kind, string Name, string? Path, string? Action, bool Allowed, string? ContextType, string? ContextId, double? ExpiresAt)
    {
        public PermissionContext? Context => ContextType is null ? null : new PermissionContext(ContextType, ContextId ?? "");

        public DateTimeOffset? Ends => ExpiresAt is { } seconds && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
    }
}

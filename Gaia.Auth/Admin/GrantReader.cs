using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Admin;

/// <summary>What somebody gets with a role, a team or a workspace, whether or not it counts at the moment.</summary>
public sealed class GrantReader(AuthDbContext db)
{
    public async Task<IReadOnlyList<PermissionGrant>> OfRoleAsync(Guid roleId, string roleName, CancellationToken cancellationToken)
    {
        if (roleName == PermissionSet.SuperAdmin)
            return [Grantor.Everything];
        return await ToGrantsAsync(db.Database.SqlQuery<Row>($"""
            SELECT permission.resource_type AS "ResourceType", permission.resource_path AS "Path", permission.action AS "Action"
            FROM role_permissions given JOIN permissions permission ON permission.id = given.permission_id WHERE given.role_id = {roleId}
            UNION ALL
            SELECT resource.resource_type, resource.resource_id, action.name
            FROM resource_permissions resource CROSS JOIN unnest(resource.permissions) AS action (name)
            WHERE resource.principal_type = 'role' AND resource.principal_id IN ({roleId.ToString()}, {roleName})
            """), cancellationToken);
    }

    /// <summary>With what is granted to the teams above.</summary>
    public Task<IReadOnlyList<PermissionGrant>> OfTeamAsync(Guid teamId, CancellationToken cancellationToken) => ToGrantsAsync(db.Database.SqlQuery<Row>($"""
        WITH RECURSIVE above AS (
            SELECT id, parent_team_id FROM teams WHERE id = {teamId}
            UNION SELECT parent.id, parent.parent_team_id FROM above JOIN teams parent ON parent.id = above.parent_team_id)
        SELECT resource.resource_type AS "ResourceType", resource.resource_id AS "Path", action.name AS "Action"
        FROM resource_permissions resource JOIN above ON resource.principal_id = above.id::text
        CROSS JOIN unnest(resource.permissions) AS action (name)
        WHERE resource.principal_type = 'team'
        """), cancellationToken);

    public Task<IReadOnlyList<PermissionGrant>> OfWorkspaceAsync(Guid workspaceId, CancellationToken cancellationToken) => ToGrantsAsync(db.Database.SqlQuery<Row>($"""
        SELECT resource.resource_type AS "ResourceType", resource.resource_id AS "Path", action.name AS "Action"
        FROM resource_permissions resource CROSS JOIN unnest(resource.permissions) AS action (name)
        WHERE resource.principal_type = 'workspace' AND resource.principal_id = {workspaceId.ToString()}
        """), cancellationToken);

    private static async Task<IReadOnlyList<PermissionGrant>> ToGrantsAsync(IQueryable<Row> rows, CancellationToken cancellationToken) =>
        [.. (await rows.ToListAsync(cancellationToken)).Select(row => new PermissionGrant(row.ResourceType, row.Action, row.Path))];

    private sealed record Row(string ResourceType, string? Path, string Action);
}

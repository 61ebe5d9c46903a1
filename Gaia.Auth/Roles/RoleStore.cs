using System.Text.Json.Nodes;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.Auth.Permissions;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Roles;

/// <summary>Reads roles and changes those that do not come with Gaia. Changes run inside an <see cref="AdminChange"/>.</summary>
public sealed class RoleStore(AuthDbContext db, AdminChange change, GrantReader grants, PermissionCatalogue permissions)
{
    private static readonly string[] Types = ["custom", "team", "workspace"];

    internal Task<List<RoleBody>> ListAsync(Page page, CancellationToken cancellationToken) => db.Database.SqlQuery<RoleBody>($"""
        SELECT role.id AS "Id", role.name::text AS "Name", role.display_name::text AS "DisplayName", role.description AS "Description",
            coalesce(role.role_type, 'custom')::text AS "RoleType", role.is_active IS NOT FALSE AS "IsActive",
            (SELECT count(DISTINCT held.user_id) FROM user_roles held WHERE held.role_id = role.id) AS "Holders",
            role.created_at AS "CreatedAt", role.updated_at AS "UpdatedAt"
        FROM roles role ORDER BY role.name LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken);

    /// <param name="key">Name or id.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<RoleBody?> FindAsync(string key, CancellationToken cancellationToken) => !AdminText.IsStorable(key) ? null : (await db.Database.SqlQuery<RoleBody>($"""
        SELECT role.id AS "Id", role.name::text AS "Name", role.display_name::text AS "DisplayName", role.description AS "Description",
            coalesce(role.role_type, 'custom')::text AS "RoleType", role.is_active IS NOT FALSE AS "IsActive",
            (SELECT count(DISTINCT held.user_id) FROM user_roles held WHERE held.role_id = role.id) AS "Holders",
            role.created_at AS "CreatedAt", role.updated_at AS "UpdatedAt"
        FROM roles role WHERE role.name = {key} OR role.id::text = lower({key})
        """).ToListAsync(cancellationToken)).FirstOrDefault();

    public Task<List<PermissionBody>> PermissionsAsync(Guid roleId, CancellationToken cancellationToken) => db.Database.SqlQuery<PermissionBody>($"""
        SELECT permission.id AS "Id", permission.resource_type::text AS "ResourceType", permission.resource_path::text AS "ResourcePath",
            permission.action::text AS "Action", permission.description AS "Description", permission.created_at AS "CreatedAt"
        FROM role_permissions given JOIN permissions permission ON permission.id = given.permission_id
        WHERE given.role_id = {roleId} ORDER BY permission.resource_type, permission.resource_path, permission.action
        """).ToListAsync(cancellationToken);

    public async Task<AdminError?> CreateAsync(CreateRoleRequest request, CancellationToken cancellationToken)
    {
        var type = request.RoleType ?? Types[0];
        var mistake = AdminText.CheckName("name", request.Name) ?? AdminText.CheckTitle("display_name", request.DisplayName)
            ?? AdminText.CheckDescription("description", request.Description)
            ?? (Types.Contains(type) ? null : AdminError.Invalid($"role_type must be one of {string.Join(", ", Types)}"));
        if (mistake is not null)
            return mistake;
        var created = await db.Database.ExecuteSqlAsync($"""
            INSERT INTO roles (name, display_name, description, role_type, is_active)
            VALUES ({request.Name}, {request.DisplayName ?? request.Name}, {request.Description}, {type}, true) ON CONFLICT (name) DO NOTHING
            """, cancellationToken);
        if (created == 0)
            return AdminError.Conflict($"There is a role {request.Name} already");
        await change.LogAsync(AuditEvents.RoleCreated, targetType: "role", targetId: request.Name);
        return null;
    }

    public async Task<AdminError?> UpdateAsync(string key, UpdateRoleRequest request, CancellationToken cancellationToken)
    {
        if ((AdminText.CheckTitle("display_name", request.DisplayName) ?? AdminText.CheckDescription("description", request.Description)) is { } mistake)
            return mistake;
        var (role, error) = await FindOwnAsync(key, cancellationToken);
        if (role is null)
            return error;
        // To bring it back gives its holders what it gives.
        if (request.IsActive == true && change.Grantor.Check(await grants.OfRoleAsync(role.Id, role.Name, cancellationToken), until: null) is { } missing)
            return missing;
        await db.Database.ExecuteSqlAsync($"""
            UPDATE roles SET display_name = coalesce({request.DisplayName}, display_name), description = coalesce({request.Description}, description),
                is_active = coalesce({request.IsActive}, is_active)
            WHERE id = {role.Id}
            """, cancellationToken);
        if (request.IsActive is not null)
            change.Affects(userId: null);
        await change.LogAsync(AuditEvents.RoleUpdated, targetType: "role", targetId: role.Name, details: new JsonObject { ["is_active"] = request.IsActive });
        return null;
    }

    public async Task<AdminError?> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var (role, error) = await FindOwnAsync(key, cancellationToken);
        if (role is null)
            return error;
        // Not by a foreign key: what is granted to a role names it as text.
        await db.Database.ExecuteSqlAsync($"DELETE FROM resource_permissions WHERE principal_type = 'role' AND principal_id IN ({role.Id.ToString()}, {role.Name})", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM role_permissions WHERE role_id = {role.Id}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM user_roles WHERE role_id = {role.Id}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM roles WHERE id = {role.Id}", cancellationToken);
        change.Affects(userId: null);
        await change.LogAsync(AuditEvents.RoleDeleted, targetType: "role", targetId: role.Name, details: new JsonObject { ["holders"] = role.Holders });
        return null;
    }

    public async Task<AdminError?> AddPermissionAsync(string key, Guid? permissionId, CancellationToken cancellationToken)
    {
        if (permissionId is not { } id)
            return AdminError.Invalid("permission_id is missing: give the id of a permission");
        var (role, error) = await FindOwnAsync(key, cancellationToken);
        if (role is null)
            return error;
        if (await permissions.FindAsync(id, cancellationToken) is not { } permission)
            return AdminError.NotFound($"Permission {id}");
        if (change.Grantor.Check([new PermissionGrant(permission.ResourceType, permission.Action, permission.ResourcePath)], until: null) is { } missing)
            return missing;
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO role_permissions (role_id, permission_id, granted_by) VALUES ({role.Id}, {id}, {change.Grantor.UserId}) ON CONFLICT DO NOTHING", cancellationToken);
        await NotePermissionAsync(AuditEvents.RolePermissionAdded, role, permission);
        return null;
    }

    public async Task<AdminError?> RemovePermissionAsync(string key, Guid permissionId, CancellationToken cancellationToken)
    {
        var (role, error) = await FindOwnAsync(key, cancellationToken);
        if (role is null)
            return error;
        if (await permissions.FindAsync(permissionId, cancellationToken) is not { } permission
            || await db.Database.ExecuteSqlAsync($"DELETE FROM role_permissions WHERE role_id = {role.Id} AND permission_id = {permissionId}", cancellationToken) == 0)
        {
            return AdminError.NotFound($"Permission {permissionId} of role {role.Name}");
        }

        await NotePermissionAsync(AuditEvents.RolePermissionRemoved, role, permission);
        return null;
    }

    private async Task NotePermissionAsync(string what, RoleBody role, PermissionBody permission)
    {
        change.Affects(userId: null);
        await change.LogAsync(what, targetType: "role", targetId: role.Name, details: new JsonObject
        {
            ["permission"] = $"{permission.ResourceType}:{permission.Action}:{permission.ResourcePath ?? "*"}",
        });
    }

    /// <summary>A role that may be changed, locked until the change is done.</summary>
    private async Task<(RoleBody? Role, AdminError? Error)> FindOwnAsync(string key, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, cancellationToken) is not { } role)
            return (null, AdminError.NotFound("Role"));
        if (role.IsSystem)
            return (null, AdminError.Conflict($"The role {role.Name} comes with Gaia and cannot be changed: make one of your own"));
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM roles WHERE id = {role.Id} FOR NO KEY UPDATE", cancellationToken);
        return (role, null);
    }
}

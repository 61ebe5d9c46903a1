using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Permissions;

/// <summary>The permissions that there are to be granted.</summary>
public sealed class PermissionCatalogue(AuthDbContext db, AdminChange change)
{
    private const int MaxType = 100;
    private const int MaxAction = 50;

    internal Task<List<PermissionBody>> ListAsync(string? resourceType, Page page, CancellationToken cancellationToken) => db.Database.SqlQuery<PermissionBody>($"""
        SELECT id AS "Id", resource_type::text AS "ResourceType", resource_path::text AS "ResourcePath", action::text AS "Action",
            description AS "Description", created_at AS "CreatedAt"
        FROM permissions WHERE {resourceType}::text IS NULL OR resource_type = {resourceType}
        ORDER BY resource_type, resource_path, action, id LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken);

    public async Task<PermissionBody?> FindAsync(Guid id, CancellationToken cancellationToken) => (await db.Database.SqlQuery<PermissionBody>($"""
        SELECT id AS "Id", resource_type::text AS "ResourceType", resource_path::text AS "ResourcePath", action::text AS "Action",
            description AS "Description", created_at AS "CreatedAt"
        FROM permissions WHERE id = {id}
        """).ToListAsync(cancellationToken)).SingleOrDefault();

    public async Task<(PermissionBody? Created, AdminError? Error)> CreateAsync(CreatePermissionRequest request, CancellationToken cancellationToken)
    {
        var mistake = AdminText.CheckWord("resource_type", request.ResourceType, MaxType) ?? AdminText.CheckWord("action", request.Action, MaxAction)
            ?? AdminText.CheckPath("resource_path", request.ResourcePath, required: false) ?? AdminText.CheckDescription("description", request.Description);
        if (mistake is not null)
            return (null, mistake);
        // One after the other, for the table need not have a key for this.
        await db.Database.ExecuteSqlAsync($"LOCK TABLE permissions IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var created = await db.Database.SqlQuery<PermissionBody>($"""
            INSERT INTO permissions (resource_type, resource_path, action, description)
            SELECT {request.ResourceType}, {request.ResourcePath}::varchar, {request.Action}, {request.Description}
            WHERE NOT EXISTS (
                SELECT 1 FROM permissions
                WHERE resource_type = {request.ResourceType} AND action = {request.Action} AND resource_path IS NOT DISTINCT FROM {request.ResourcePath}::varchar)
            RETURNING id AS "Id", resource_type::text AS "ResourceType", resource_path::text AS "ResourcePath", action::text AS "Action",
                description AS "Description", created_at AS "CreatedAt"
            """).ToListAsync(cancellationToken);
        if (created is not [var permission])
            return (null, AdminError.Conflict("There is such a permission already"));
        await change.LogAsync(AuditEvents.PermissionCreated, targetType: "permission", targetId: permission.Id.ToString());
        return (permission, null);
    }
}

using System.Text.Json.Nodes;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Workspaces;

/// <summary>Reads and changes workspaces and their members. Changes run inside an <see cref="AdminChange"/>.</summary>
public sealed class WorkspaceStore(AuthDbContext db, AdminChange change, GrantReader grants)
{
    private static readonly string[] Types = ["project", "incident", "research"];
    private static readonly string[] Statuses = ["active", "archived", "completed"];

    internal Task<List<WorkspaceBody>> ListAsync(string? status, Page page, CancellationToken cancellationToken) => db.Database.SqlQuery<WorkspaceBody>($"""
        SELECT workspace.id AS "Id", workspace.name::text AS "Name", workspace.display_name::text AS "DisplayName", workspace.description AS "Description",
            coalesce(workspace.workspace_type, 'project')::text AS "WorkspaceType", coalesce(workspace.status, 'active')::text AS "Status",
            (SELECT count(*) FROM workspace_members member WHERE member.workspace_id = workspace.id) AS "Members",
            workspace.created_at AS "CreatedAt", workspace.created_by::text AS "CreatedBy", workspace.archived_at AS "ArchivedAt", workspace.expires_at AS "ExpiresAt"
        FROM workspaces workspace WHERE {status}::text IS NULL OR coalesce(workspace.status, 'active') = {status}
        ORDER BY workspace.name LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken);

    public async Task<WorkspaceBody?> FindAsync(Guid id, CancellationToken cancellationToken) => (await db.Database.SqlQuery<WorkspaceBody>($"""
        SELECT workspace.id AS "Id", workspace.name::text AS "Name", workspace.display_name::text AS "DisplayName", workspace.description AS "Description",
            coalesce(workspace.workspace_type, 'project')::text AS "WorkspaceType", coalesce(workspace.status, 'active')::text AS "Status",
            (SELECT count(*) FROM workspace_members member WHERE member.workspace_id = workspace.id) AS "Members",
            workspace.created_at AS "CreatedAt", workspace.created_by::text AS "CreatedBy", workspace.archived_at AS "ArchivedAt", workspace.expires_at AS "ExpiresAt"
        FROM workspaces workspace WHERE workspace.id = {id}
        """).ToListAsync(cancellationToken)).SingleOrDefault();

    internal Task<List<WorkspaceMember>> MembersAsync(Guid id, Page page, CancellationToken cancellationToken) => db.Database.SqlQuery<WorkspaceMember>($"""
        SELECT users.id AS "UserId", users.email::text AS "Email", users.name::text AS "Name", member.joined_at AS "JoinedAt", member.invited_by::text AS "InvitedBy"
        FROM workspace_members member JOIN users ON users.id = member.user_id
        WHERE member.workspace_id = {id} ORDER BY users.email LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken);

    public async Task<AdminError?> CreateAsync(Guid id, CreateWorkspaceRequest request, CancellationToken cancellationToken)
    {
        var type = request.WorkspaceType ?? Types[0];
        DateTime? end = null;
        var mistake = AdminText.CheckName("name", request.Name) ?? AdminText.CheckTitle("display_name", request.DisplayName)
            ?? AdminText.CheckDescription("description", request.Description)
            ?? (Types.Contains(type) ? null : AdminError.Invalid($"workspace_type must be one of {string.Join(", ", Types)}"))
            ?? change.ReadEnd(request.ExpiresAt, out end);
        if (mistake is not null)
            return mistake;
        var created = await db.Database.ExecuteSqlAsync($"""
            INSERT INTO workspaces (id, name, display_name, description, workspace_type, status, created_by, expires_at)
            VALUES ({id}, {request.Name}, {request.DisplayName ?? request.Name}, {request.Description}, {type}, 'active', {change.Grantor.UserId}, {NaiveUtc.Parameter(end)})
            ON CONFLICT (name) DO NOTHING
            """, cancellationToken);
        if (created == 0)
            return AdminError.Conflict($"There is a workspace {request.Name} already");
        await change.LogAsync(AuditEvents.WorkspaceCreated, targetType: "workspace", targetId: id.ToString(), details: new JsonObject { ["name"] = request.Name });
        return null;
    }

    public async Task<AdminError?> UpdateAsync(Guid id, UpdateWorkspaceRequest request, CancellationToken cancellationToken)
    {
        DateTime? end = null;
        var mistake = AdminText.CheckTitle("display_name", request.DisplayName) ?? AdminText.CheckDescription("description", request.Description)
            ?? (request.Status is null || Statuses.Contains(request.Status) ? null : AdminError.Invalid($"status must be one of {string.Join(", ", Statuses)}"))
            ?? change.ReadEnd(request.ExpiresAt, out end)
            ?? await LockAsync(id, cancellationToken);
        if (mistake is not null)
            return mistake;
        // To bring it back, or let it live longer, gives its members what it gives.
        if ((request.Status == "active" || end is not null)
            && change.Grantor.Check(await grants.OfWorkspaceAsync(id, cancellationToken), until: null) is { } missing)
        {
            return missing;
        }

        await db.Database.ExecuteSqlAsync($"""
            UPDATE workspaces SET display_name = coalesce({request.DisplayName}, display_name), description = coalesce({request.Description}, description),
                status = coalesce({request.Status}, status), expires_at = coalesce({NaiveUtc.Parameter(end)}, expires_at),
                archived_at = CASE {request.Status}::text WHEN 'archived' THEN {NaiveUtc.Parameter(change.Now)} WHEN 'active' THEN NULL ELSE archived_at END
            WHERE id = {id}
            """, cancellationToken);
        if (request.Status is not null || end is not null)
            change.Affects(userId: null);
        await change.LogAsync(AuditEvents.WorkspaceUpdated, targetType: "workspace", targetId: id.ToString(), details: new JsonObject { ["status"] = request.Status });
        return null;
    }

    public async Task<AdminError?> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await LockAsync(id, cancellationToken) is { } unknown)
            return unknown;
        await db.Database.ExecuteSqlAsync($"DELETE FROM resource_permissions WHERE principal_type = 'workspace' AND principal_id = {id.ToString()}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM workspace_members WHERE workspace_id = {id}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM workspaces WHERE id = {id}", cancellationToken);
        change.Affects(userId: null);
        await change.LogAsync(AuditEvents.WorkspaceDeleted, targetType: "workspace", targetId: id.ToString());
        return null;
    }

    public async Task<AdminError?> AddMemberAsync(Guid id, Guid userId, CancellationToken cancellationToken)
    {
        if ((await LockAsync(id, cancellationToken) ?? await change.LockUserAsync(userId, cancellationToken)) is { } unknown)
            return unknown;
        if (change.Grantor.Check(await grants.OfWorkspaceAsync(id, cancellationToken), until: null) is { } missing)
            return missing;
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO workspace_members (workspace_id, user_id, joined_at, invited_by)
            VALUES ({id}, {userId}, {NaiveUtc.Parameter(change.Now)}, {change.Grantor.UserId}) ON CONFLICT (workspace_id, user_id) DO NOTHING
            """, cancellationToken);
        change.Affects(userId);
        await change.LogAsync(AuditEvents.WorkspaceMemberAdded, userId, "workspace", id.ToString());
        return null;
    }

    public async Task<AdminError?> RemoveMemberAsync(Guid id, Guid userId, CancellationToken cancellationToken)
    {
        if (await db.Database.ExecuteSqlAsync($"DELETE FROM workspace_members WHERE workspace_id = {id} AND user_id = {userId}", cancellationToken) == 0)
            return AdminError.NotFound($"Member {userId} of workspace {id}");
        change.Affects(userId);
        await change.LogAsync(AuditEvents.WorkspaceMemberRemoved, userId, "workspace", id.ToString());
        return null;
    }

    private async Task<AdminError?> LockAsync(Guid id, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM workspaces WHERE id = {id} FOR NO KEY UPDATE").ToListAsync(cancellationToken) is []
            ? AdminError.NotFound($"Workspace {id}")
            : null;
}

using System.Text.Json.Nodes;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Teams;

/// <summary>Reads and changes teams and their members. Changes run inside an <see cref="AdminChange"/>.</summary>
public sealed class TeamStore(AuthDbContext db, AdminChange change, GrantReader grants)
{
    private static readonly string[] TeamRoles = ["owner", "admin", "member", "viewer"];

    internal Task<List<TeamBody>> ListAsync(Page page, CancellationToken cancellationToken) => db.Database.SqlQuery<TeamBody>($"""
        SELECT team.id AS "Id", team.name::text AS "Name", team.display_name::text AS "DisplayName", team.description AS "Description",
            team.parent_team_id AS "ParentTeamId", team.is_active IS NOT FALSE AS "IsActive",
            (SELECT count(*) FROM team_members member WHERE member.team_id = team.id) AS "Members",
            team.created_at AS "CreatedAt", team.created_by::text AS "CreatedBy", team.updated_at AS "UpdatedAt"
        FROM teams team ORDER BY team.name LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken);

    public async Task<TeamBody?> FindAsync(Guid id, CancellationToken cancellationToken) => (await db.Database.SqlQuery<TeamBody>($"""
        SELECT team.id AS "Id", team.name::text AS "Name", team.display_name::text AS "DisplayName", team.description AS "Description",
            team.parent_team_id AS "ParentTeamId", team.is_active IS NOT FALSE AS "IsActive",
            (SELECT count(*) FROM team_members member WHERE member.team_id = team.id) AS "Members",
            team.created_at AS "CreatedAt", team.created_by::text AS "CreatedBy", team.updated_at AS "UpdatedAt"
        FROM teams team WHERE team.id = {id}
        """).ToListAsync(cancellationToken)).SingleOrDefault();

    public Task<List<TeamName>> AboveAsync(Guid id, CancellationToken cancellationToken) => db.Database.SqlQuery<TeamName>($"""
        WITH RECURSIVE above (id, parent_team_id, path) AS (
            SELECT id, parent_team_id, ARRAY[id] FROM teams WHERE id = {id}
            UNION ALL SELECT parent.id, parent.parent_team_id, above.path || parent.id
            FROM above JOIN teams parent ON parent.id = above.parent_team_id AND parent.id <> ALL (above.path))
        SELECT team.id AS "Id", team.name::text AS "Name" FROM above JOIN teams team ON team.id = above.id
        WHERE team.id <> {id} ORDER BY cardinality(above.path)
        """).ToListAsync(cancellationToken);

    public Task<List<TeamName>> BelowAsync(Guid id, CancellationToken cancellationToken) => db.Database.SqlQuery<TeamName>(
        $"SELECT id AS \"Id\", name::text AS \"Name\" FROM teams WHERE parent_team_id = {id} ORDER BY name LIMIT 1000").ToListAsync(cancellationToken);

    internal Task<List<TeamMember>> MembersAsync(Guid id, Page page, CancellationToken cancellationToken) => db.Database.SqlQuery<TeamMember>($"""
        SELECT users.id AS "UserId", users.email::text AS "Email", users.name::text AS "Name", member.team_role::text AS "TeamRole",
            member.joined_at AS "JoinedAt", member.invited_by::text AS "InvitedBy"
        FROM team_members member JOIN users ON users.id = member.user_id
        WHERE member.team_id = {id} ORDER BY users.email LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken);

    public async Task<AdminError?> CreateAsync(Guid id, CreateTeamRequest request, CancellationToken cancellationToken)
    {
        var mistake = AdminText.CheckName("name", request.Name) ?? AdminText.CheckTitle("display_name", request.DisplayName)
            ?? AdminText.CheckDescription("description", request.Description);
        if (mistake is not null)
            return mistake;
        await LockHierarchyAsync(cancellationToken);
        if (request.ParentTeamId is { } parent && await FindAsync(parent, cancellationToken) is null)
            return AdminError.NotFound($"Team {parent}");
        var created = await db.Database.ExecuteSqlAsync($"""
            INSERT INTO teams (id, name, display_name, description, parent_team_id, is_active, created_by)
            VALUES ({id}, {request.Name}, {request.DisplayName ?? request.Name}, {request.Description}, {request.ParentTeamId}, true, {change.Grantor.UserId})
            ON CONFLICT (name) DO NOTHING
            """, cancellationToken);
        if (created == 0)
            return AdminError.Conflict($"There is a team {request.Name} already");
        await change.LogAsync(AuditEvents.TeamCreated, targetType: "team", targetId: id.ToString(), details: new JsonObject { ["name"] = request.Name });
        return null;
    }

    public async Task<AdminError?> UpdateAsync(Guid id, UpdateTeamRequest request, CancellationToken cancellationToken)
    {
        if ((AdminText.CheckTitle("display_name", request.DisplayName) ?? AdminText.CheckDescription("description", request.Description)) is { } mistake)
            return mistake;
        if (request is { ParentTeamId: not null, IsRoot: true })
            return AdminError.Invalid("Give parent_team_id or is_root, not both");
        await LockHierarchyAsync(cancellationToken);
        if (await FindAsync(id, cancellationToken) is null)
            return AdminError.NotFound($"Team {id}");
        if (request.ParentTeamId is { } parent)
        {
            if (await FindAsync(parent, cancellationToken) is null)
                return AdminError.NotFound($"Team {parent}");
            if (parent == id || (await AboveAsync(parent, cancellationToken)).Exists(team => team.Id == id))
                return AdminError.Conflict("A team cannot be part of itself: the other one is below it already");
            // Its members get what is granted above.
            if (change.Grantor.Check(await grants.OfTeamAsync(parent, cancellationToken), until: null) is { } above)
                return above;
        }

        if (request.IsActive == true && change.Grantor.Check(await grants.OfTeamAsync(id, cancellationToken), until: null) is { } missing)
            return missing;
        await db.Database.ExecuteSqlAsync($"""
            UPDATE teams SET display_name = coalesce({request.DisplayName}, display_name), description = coalesce({request.Description}, description),
                parent_team_id = CASE WHEN {request.IsRoot ?? false} THEN NULL ELSE coalesce({request.ParentTeamId}, parent_team_id) END,
                is_active = coalesce({request.IsActive}, is_active)
            WHERE id = {id}
            """, cancellationToken);
        if (request is not { ParentTeamId: null, IsRoot: null, IsActive: null })
            change.Affects(userId: null);
        await change.LogAsync(AuditEvents.TeamUpdated, targetType: "team", targetId: id.ToString(), details: new JsonObject
        {
            ["parent_team_id"] = request.ParentTeamId?.ToString(),
            ["is_root"] = request.IsRoot,
            ["is_active"] = request.IsActive,
        });
        return null;
    }

    public async Task<AdminError?> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        await LockHierarchyAsync(cancellationToken);
        if (await FindAsync(id, cancellationToken) is not { } team)
            return AdminError.NotFound($"Team {id}");
        if (await BelowAsync(id, cancellationToken) is not [])
            return AdminError.Conflict("There are teams below this one: move or delete them first");
        await db.Database.ExecuteSqlAsync($"DELETE FROM resource_permissions WHERE principal_type = 'team' AND principal_id = {id.ToString()}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM team_members WHERE team_id = {id}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM teams WHERE id = {id}", cancellationToken);
        change.Affects(userId: null);
        await change.LogAsync(AuditEvents.TeamDeleted, targetType: "team", targetId: id.ToString(), details: new JsonObject { ["name"] = team.Name });
        return null;
    }

    public async Task<AdminError?> SetMemberAsync(Guid id, Guid userId, SetTeamMemberRequest request, CancellationToken cancellationToken)
    {
        var role = request.TeamRole ?? "member";
        if (!TeamRoles.Contains(role))
            return AdminError.Invalid($"team_role must be one of {string.Join(", ", TeamRoles)}");
        await LockHierarchyAsync(cancellationToken);
        if (await FindAsync(id, cancellationToken) is null)
            return AdminError.NotFound($"Team {id}");
        if (await change.LockUserAsync(userId, cancellationToken) is { } unknown)
            return unknown;
        if (change.Grantor.Check(await grants.OfTeamAsync(id, cancellationToken), until: null) is { } missing)
            return missing;
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO team_members (team_id, user_id, team_role, joined_at, invited_by)
            VALUES ({id}, {userId}, {role}, {NaiveUtc.Parameter(change.Now)}, {change.Grantor.UserId})
            ON CONFLICT (team_id, user_id) DO UPDATE SET team_role = excluded.team_role
            """, cancellationToken);
        change.Affects(userId);
        await change.LogAsync(AuditEvents.TeamMemberSet, userId, "team", id.ToString(), new JsonObject { ["team_role"] = role });
        return null;
    }

    public async Task<AdminError?> RemoveMemberAsync(Guid id, Guid userId, CancellationToken cancellationToken)
    {
        if (await db.Database.ExecuteSqlAsync($"DELETE FROM team_members WHERE team_id = {id} AND user_id = {userId}", cancellationToken) == 0)
            return AdminError.NotFound($"Member {userId} of team {id}");
        change.Affects(userId);
        await change.LogAsync(AuditEvents.TeamMemberRemoved, userId, "team", id.ToString());
        return null;
    }

    /// <summary>Changes of the hierarchy come one after the other: two moves at once could make a cycle that neither sees.</summary>
    private Task<int> LockHierarchyAsync(CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"LOCK TABLE teams IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
}

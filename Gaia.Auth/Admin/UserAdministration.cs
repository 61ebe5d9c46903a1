using System.Text.Json.Nodes;
using Gaia.Auth.Audit;
using Gaia.Auth.Roles;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Admin;

/// <summary>Reads users and changes what they hold. Changes run inside an <see cref="AdminChange"/>.</summary>
public sealed class UserAdministration(AuthDbContext db, AdminChange change, RoleStore roles, GrantReader grants, SuperAdmins superAdmins, TimeProvider time)
{
    internal async Task<List<UserBody>> ListAsync(string? search, string? role, bool byEmail, Page page, CancellationToken cancellationToken) => [.. (await db.Database.SqlQuery<UserRow>($"""
        SELECT users.id AS "Id", users.email::text AS "Email", users.name::text AS "Name", access.roles AS "Roles", users.disabled_at IS NOT NULL AS "Disabled",
            users.created_at AS "CreatedAt", users.updated_at AS "UpdatedAt"
        FROM users CROSS JOIN LATERAL access_summary(users.id, {Now}) access
        WHERE ({search}::text IS NULL OR position(lower({search}) IN lower(users.email)) > 0 OR position(lower({search}) IN lower(coalesce(users.name, ''))) > 0)
          AND ({role}::text IS NULL OR {role} = ANY (access.roles))
        ORDER BY CASE WHEN {byEmail} THEN lower(users.email) END, users.created_at DESC NULLS LAST, users.id
        LIMIT {page.Fetched} OFFSET {page.Offset}
        """).ToListAsync(cancellationToken)).Select(row => row.ToBody())];

    public async Task<UserBody?> FindAsync(Guid userId, CancellationToken cancellationToken) => (await db.Database.SqlQuery<UserRow>($"""
        SELECT users.id AS "Id", users.email::text AS "Email", users.name::text AS "Name", access.roles AS "Roles", users.disabled_at IS NOT NULL AS "Disabled",
            users.created_at AS "CreatedAt", users.updated_at AS "UpdatedAt"
        FROM users CROSS JOIN LATERAL access_summary(users.id, {Now}) access
        WHERE users.id = {userId}
        """).ToListAsync(cancellationToken)).SingleOrDefault()?.ToBody();

    public Task<List<AssignedRole>> RolesAsync(Guid userId, CancellationToken cancellationToken) => db.Database.SqlQuery<AssignedRole>($"""
        SELECT role.id AS "RoleId", role.name::text AS "Role", role.display_name::text AS "DisplayName",
            nullif(nullif(held.context_type, 'global'), '')::text AS "ContextType", nullif(held.context_id, '')::text AS "ContextId",
            held.assigned_at AS "AssignedAt", held.assigned_by::text AS "AssignedBy", held.expires_at AS "ExpiresAt"
        FROM user_roles held JOIN roles role ON role.id = held.role_id
        WHERE held.user_id = {userId} ORDER BY role.name, held.context_type, held.context_id
        """).ToListAsync(cancellationToken);

    public Task<List<DirectGrant>> PermissionsAsync(Guid userId, CancellationToken cancellationToken) => db.Database.SqlQuery<DirectGrant>($"""
        SELECT permission.id AS "PermissionId", permission.resource_type::text AS "ResourceType", permission.resource_path::text AS "ResourcePath",
            permission.action::text AS "Action", own.granted IS NOT FALSE AS "Granted",
            nullif(nullif(own.context_type, 'global'), '')::text AS "ContextType", nullif(own.context_id, '')::text AS "ContextId",
            own.granted_at AS "GrantedAt", own.granted_by::text AS "GrantedBy", own.expires_at AS "ExpiresAt"
        FROM user_permissions own JOIN permissions permission ON permission.id = own.permission_id
        WHERE own.user_id = {userId} ORDER BY permission.resource_type, permission.action, permission.id
        """).ToListAsync(cancellationToken);

    public async Task<AdminError?> SetDisabledAsync(Guid userId, bool disabled, CancellationToken cancellationToken)
    {
        if (await change.LockUserAsync(userId, cancellationToken) is { } unknown)
            return unknown;
        var before = await superAdmins.LockAsync(cancellationToken);
        if (await superAdmins.IsOneAsync(userId, cancellationToken) && change.Grantor.Check([Grantor.Everything], until: null) is { } missing)
            return missing;

        DateTime? since = disabled ? change.Now : null;
        var changed = await db.Database.ExecuteSqlAsync(
            $"UPDATE users SET disabled_at = {NaiveUtc.Parameter(since)} WHERE id = {userId} AND (disabled_at IS NOT NULL) <> {disabled}", cancellationToken);
        if (changed == 0)
            return null;
        change.Affects(userId);
        await change.LogAsync(disabled ? AuditEvents.UserDisabled : AuditEvents.UserEnabled, userId);
        return await superAdmins.CheckAsync(before, cancellationToken);
    }

    public async Task<AdminError?> AssignAsync(Guid userId, AssignRoleRequest request, CancellationToken cancellationToken)
    {
        if (GrantContext.TryRead(request.ContextType, request.ContextId, out var context) is { } noContext)
            return noContext;
        if (change.ReadEnd(request.ExpiresAt, out var end) is { } past)
            return past;
        if (string.IsNullOrEmpty(request.Role))
            return AdminError.Invalid("role is missing: give a role's name or id");
        if (await roles.FindAsync(request.Role, cancellationToken) is not { } role)
            return AdminError.NotFound("Role");
        if (await change.LockUserAsync(userId, cancellationToken) is { } unknown)
            return unknown;
        var before = await superAdmins.LockAsync(cancellationToken);
        if (change.Grantor.Check(await grants.OfRoleAsync(role.Id, role.Name, cancellationToken), end) is { } missing)
            return missing;

        var updated = await db.Database.ExecuteSqlAsync($"""
            UPDATE user_roles SET expires_at = {NaiveUtc.Parameter(end)}, assigned_at = {NaiveUtc.Parameter(change.Now)}, assigned_by = {change.Grantor.UserId}
            WHERE user_id = {userId} AND role_id = {role.Id} AND coalesce(nullif(context_type, ''), 'global') = {context.Type}
              AND ({context.IsGlobal} OR coalesce(context_id, '') = {context.Id})
            """, cancellationToken);
        if (updated == 0)
        {
            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO user_roles (user_id, role_id, context_type, context_id, assigned_at, assigned_by, expires_at)
                VALUES ({userId}, {role.Id}, {context.Type}, {context.Id}, {NaiveUtc.Parameter(change.Now)}, {change.Grantor.UserId}, {NaiveUtc.Parameter(end)})
                """, cancellationToken);
        }

        await NoteRoleAsync(AuditEvents.RoleAssigned, userId, role, context, end);
        return await superAdmins.CheckAsync(before, cancellationToken);
    }

    public async Task<AdminError?> RevokeAsync(Guid userId, string roleKey, string? contextType, string? contextId, CancellationToken cancellationToken)
    {
        if (GrantContext.TryRead(contextType, contextId, out var context) is { } noContext)
            return noContext;
        if (await roles.FindAsync(roleKey, cancellationToken) is not { } role)
            return AdminError.NotFound("Role");
        if (await change.LockUserAsync(userId, cancellationToken) is { } unknown)
            return unknown;
        var before = await superAdmins.LockAsync(cancellationToken);
        // For as long as the moment: whoever holds it now may take it away.
        if (change.Grantor.Check(await grants.OfRoleAsync(role.Id, role.Name, cancellationToken), change.Now) is { } missing)
            return missing;

        var deleted = await db.Database.ExecuteSqlAsync($"""
            DELETE FROM user_roles
            WHERE user_id = {userId} AND role_id = {role.Id} AND coalesce(nullif(context_type, ''), 'global') = {context.Type}
              AND ({context.IsGlobal} OR coalesce(context_id, '') = {context.Id})
            """, cancellationToken);
        if (deleted == 0)
            return AdminError.NotFound($"Role {role.Name} of this user there");
        await NoteRoleAsync(AuditEvents.RoleRevoked, userId, role, context, end: null);
        return await superAdmins.CheckAsync(before, cancellationToken);
    }

    private async Task NoteRoleAsync(string what, Guid userId, RoleBody role, GrantContext context, DateTime? end)
    {
        change.Affects(userId);
        change.Publish(AuthEvent.RoleChanged, userId, role.Name, what);
        await change.LogAsync(what, userId, "role", role.Name, new JsonObject
        {
            ["context_type"] = context.Type,
            ["context_id"] = context.Id,
            ["expires_at"] = end?.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        });
    }

    private Npgsql.NpgsqlParameter Now => NaiveUtc.Parameter(time.GetNaiveUtcNow());

    private sealed record UserRow(Guid Id, string Email, string? Name, string[] Roles, bool Disabled, DateTime? CreatedAt, DateTime? UpdatedAt)
    {
        public UserBody ToBody() => new(Id, Email, Name, Roles, Disabled, CreatedAt, UpdatedAt);
    }
}

using System.Text.Json.Nodes;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Permissions;

/// <summary>What users, teams, workspaces and roles may do with single resources. Changes run inside an <see cref="AdminChange"/>.</summary>
public sealed class ResourceGrants(AuthDbContext db, AdminChange change)
{
    private const int MaxActions = 20;
    private static readonly string[] PrincipalTypes = ["user", "team", "workspace", "role"];

    internal async Task<List<ResourceGrantBody>> ListAsync(
        string? resourceType, string? resourceId, string? principalType, string? principalId, Page page, CancellationToken cancellationToken) =>
        [.. (await db.Database.SqlQuery<Row>($"""
            SELECT id AS "Id", resource_type::text AS "ResourceType", resource_id::text AS "ResourceId", principal_type::text AS "PrincipalType",
                principal_id::text AS "PrincipalId", permissions AS "Permissions", granted_by::text AS "GrantedBy", granted_at AS "GrantedAt", expires_at AS "ExpiresAt"
            FROM resource_permissions
            WHERE ({resourceType}::text IS NULL OR resource_type = {resourceType}) AND ({resourceId}::text IS NULL OR resource_id = {resourceId})
              AND ({principalType}::text IS NULL OR principal_type = {principalType}) AND ({principalId}::text IS NULL OR principal_id = {principalId})
            ORDER BY resource_type, resource_id, principal_type, principal_id, id LIMIT {page.Fetched} OFFSET {page.Offset}
            """).ToListAsync(cancellationToken)).Select(row => row.ToBody())];

    public async Task<(ResourceGrantBody? Granted, AdminError? Error)> GrantAsync(GrantResourceRequest request, CancellationToken cancellationToken)
    {
        var mistake = AdminText.CheckWord("resource_type", request.ResourceType, 100) ?? AdminText.CheckPath("resource_id", request.ResourceId, required: true)
            ?? (PrincipalTypes.Contains(request.PrincipalType) ? null : AdminError.Invalid($"principal_type must be one of {string.Join(", ", PrincipalTypes)}"))
            ?? (request.Permissions is { Count: > 0 and <= MaxActions } ? null : AdminError.Invalid($"permissions must name 1 to {MaxActions} actions"))
            ?? request.Permissions!.Select(action => AdminText.CheckWord("permissions", action, 50)).FirstOrDefault(error => error is not null)
            ?? change.ReadEnd(request.ExpiresAt, out _);
        if (mistake is not null)
            return (null, mistake);
        _ = change.ReadEnd(request.ExpiresAt, out var end);
        if (await FindPrincipalAsync(request.PrincipalType!, request.PrincipalId, cancellationToken) is not { } principal)
            return (null, AdminError.NotFound($"The {request.PrincipalType} {request.PrincipalId}"));
        var type = request.ResourceType!;
        var path = PathPattern.Parse(request.ResourceId).Text;
        if (change.Grantor.Check(request.Permissions!.Select(action => new PermissionGrant(type, action, path)), end) is { } missing)
            return (null, missing);

        string[] actions = [.. request.Permissions!.Distinct(StringComparer.Ordinal)];
        var rows = await db.Database.SqlQuery<Row>($"""
            INSERT INTO resource_permissions (resource_type, resource_id, principal_type, principal_id, permissions, granted_by, granted_at, expires_at)
            VALUES ({type}, {path}, {request.PrincipalType}, {principal}, {actions}, {change.Grantor.UserId}, {NaiveUtc.Parameter(change.Now)}, {NaiveUtc.Parameter(end)})
            ON CONFLICT (resource_type, resource_id, principal_type, principal_id) DO UPDATE SET
                permissions = excluded.permissions, granted_by = excluded.granted_by, granted_at = excluded.granted_at, expires_at = excluded.expires_at
            RETURNING id AS "Id", resource_type::text AS "ResourceType", resource_id::text AS "ResourceId", principal_type::text AS "PrincipalType",
                principal_id::text AS "PrincipalId", permissions AS "Permissions", granted_by::text AS "GrantedBy", granted_at AS "GrantedAt", expires_at AS "ExpiresAt"
            """).ToListAsync(cancellationToken);
        var granted = rows[0].ToBody();
        await NoteAsync(AuditEvents.ResourceShared, granted);
        return (granted, null);
    }

    public async Task<AdminError?> RevokeAsync(Guid id, CancellationToken cancellationToken)
    {
        var found = await db.Database.SqlQuery<Row>($"""
            DELETE FROM resource_permissions WHERE id = {id}
            RETURNING id AS "Id", resource_type::text AS "ResourceType", resource_id::text AS "ResourceId", principal_type::text AS "PrincipalType",
                principal_id::text AS "PrincipalId", permissions AS "Permissions", granted_by::text AS "GrantedBy", granted_at AS "GrantedAt", expires_at AS "ExpiresAt"
            """).ToListAsync(cancellationToken);
        if (found is not [var row])
            return AdminError.NotFound($"Grant {id}");
        if (change.Grantor.Check(row.Permissions.Select(action => new PermissionGrant(row.ResourceType, action, row.ResourceId)), change.Now) is { } missing)
            return missing;
        await NoteAsync(AuditEvents.ResourceUnshared, row.ToBody());
        return null;
    }

    /// <summary>The principal's id as it is kept.</summary>
    private async Task<string?> FindPrincipalAsync(string type, string? id, CancellationToken cancellationToken)
    {
        if (type == "role" && id is not null && AdminText.IsStorable(id))
        {
            return (await db.Database.SqlQuery<string>($"SELECT id::text AS \"Value\" FROM roles WHERE name = {id} OR id::text = lower({id})")
                .ToListAsync(cancellationToken)).FirstOrDefault();
        }

        if (!Guid.TryParse(id, out var key))
            return null;
        return (await db.Database.SqlQuery<string>($"""
            SELECT id::text AS "Value" FROM users WHERE {type} = 'user' AND id = {key}
            UNION ALL SELECT id::text FROM teams WHERE {type} = 'team' AND id = {key}
            UNION ALL SELECT id::text FROM workspaces WHERE {type} = 'workspace' AND id = {key}
            """).ToListAsync(cancellationToken)).FirstOrDefault();
    }

    private async Task NoteAsync(string what, ResourceGrantBody grant)
    {
        var user = grant.PrincipalType == "user" && Guid.TryParse(grant.PrincipalId, out var id) ? id : (Guid?)null;
        change.Affects(user);
        await change.LogAsync(what, user, grant.ResourceType, grant.ResourceId, new JsonObject
        {
            ["principal_type"] = grant.PrincipalType,
            ["principal_id"] = grant.PrincipalId,
            ["permissions"] = string.Join(' ', grant.Permissions),
        });
    }

    private sealed record Row(
        Guid Id, string ResourceType, string ResourceId, string PrincipalType, string PrincipalId, string[] Permissions, string? GrantedBy, DateTime? GrantedAt, DateTime? ExpiresAt)
    {
        public ResourceGrantBody ToBody() => new(Id, ResourceType, ResourceId, PrincipalType, PrincipalId, Permissions, GrantedBy, GrantedAt, ExpiresAt);
    }
}

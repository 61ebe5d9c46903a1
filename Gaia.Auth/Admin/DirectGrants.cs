using System.Text.Json.Nodes;
using Gaia.Auth.Audit;
using Gaia.Auth.Permissions;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Admin;

/// <summary>Gives users permissions without a role, or bans them from some. Runs inside an <see cref="AdminChange"/>.</summary>
public sealed class DirectGrants(AuthDbContext db, AdminChange change, PermissionCatalogue permissions)
{
    public async Task<AdminError?> SetAsync(Guid userId, GrantPermissionRequest request, CancellationToken cancellationToken)
    {
        if (GrantContext.TryRead(request.ContextType, request.ContextId, out var context) is { } noContext)
            return noContext;
        if (change.ReadEnd(request.ExpiresAt, out var end) is { } past)
            return past;
        if (request.PermissionId is not { } permissionId)
            return AdminError.Invalid("permission_id is missing: give the id of a permission");
        if (await permissions.FindAsync(permissionId, cancellationToken) is not { } permission)
            return AdminError.NotFound($"Permission {permissionId}");
        if (await change.LockUserAsync(userId, cancellationToken) is { } unknown)
            return unknown;
        if (change.Grantor.Check([ToGrant(permission)], end) is { } missing)
            return missing;

        // Not ON CONFLICT: the legacy table has its own idea of a key.
        await DeleteAsync(userId, permissionId, context, cancellationToken);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO user_permissions (user_id, permission_id, granted, context_type, context_id, granted_at, granted_by, expires_at)
            VALUES ({userId}, {permissionId}, {request.Granted ?? true}, {context.Type}, {context.Id},
                {NaiveUtc.Parameter(change.Now)}, {change.Grantor.UserId}, {NaiveUtc.Parameter(end)})
            """, cancellationToken);
        await NoteAsync(AuditEvents.PermissionGranted, userId, permission, context, request.Granted ?? true);
        return null;
    }

    public async Task<AdminError?> RemoveAsync(Guid userId, Guid permissionId, string? contextType, string? contextId, CancellationToken cancellationToken)
    {
        if (GrantContext.TryRead(contextType, contextId, out var context) is { } noContext)
            return noContext;
        if (await permissions.FindAsync(permissionId, cancellationToken) is not { } permission)
            return AdminError.NotFound($"Permission {permissionId}");
        if (await change.LockUserAsync(userId, cancellationToken) is { } unknown)
            return unknown;
        // To lift a ban is to give for ever.
        if (change.Grantor.Check([ToGrant(permission)], until: null) is { } missing)
            return missing;
        if (await DeleteAsync(userId, permissionId, context, cancellationToken) == 0)
            return AdminError.NotFound("Permission of this user there");
        await NoteAsync(AuditEvents.PermissionRevoked, userId, permission, context, granted: null);
        return null;
    }

    private Task<int> DeleteAsync(Guid userId, Guid permissionId, GrantContext context, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync($"""
        DELETE FROM user_permissions
        WHERE user_id = {userId} AND permission_id = {permissionId} AND coalesce(nullif(context_type, ''), 'global') = {context.Type}
          AND ({context.IsGlobal} OR coalesce(context_id, '') = {context.Id})
        """, cancellationToken);

    private async Task NoteAsync(string what, Guid userId, PermissionBody permission, GrantContext context, bool? granted)
    {
        change.Affects(userId);
        await change.LogAsync(what, userId, "permission", permission.Id.ToString(), new JsonObject
        {
            ["permission"] = $"{permission.ResourceType}:{permission.Action}:{permission.ResourcePath ?? "*"}",
            ["granted"] = granted,
            ["context_type"] = context.Type,
            ["context_id"] = context.Id,
        });
    }

    private static PermissionGrant ToGrant(PermissionBody permission) => new(permission.ResourceType, permission.Action, permission.ResourcePath);
}

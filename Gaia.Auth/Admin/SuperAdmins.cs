using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Admin;

/// <summary>Sees to it that somebody holds the role <c>super_admin</c> for good once somebody does.</summary>
public sealed class SuperAdmins(AuthDbContext db)
{
    /// <summary>Begins a change that might take the role from its last holder; the changes come one after the other.</summary>
    /// <returns>Whether anybody holds it now.</returns>
    public async Task<bool> LockAsync(CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM roles WHERE name = {PermissionSet.SuperAdmin} FOR NO KEY UPDATE", cancellationToken);
        return await ExistAsync(cancellationToken);
    }

    /// <returns>An error when there was one before and would be none after the change.</returns>
    public async Task<AdminError?> CheckAsync(bool before, CancellationToken cancellationToken) => before && !await ExistAsync(cancellationToken)
        ? AdminError.Conflict($"This is the last {PermissionSet.SuperAdmin} without an end: appoint another one first")
        : null;

    public Task<bool> IsOneAsync(Guid userId, CancellationToken cancellationToken) => db.Database.SqlQuery<bool>($"""
        SELECT EXISTS (
            SELECT 1 FROM user_roles held JOIN roles ON roles.id = held.role_id
            WHERE held.user_id = {userId} AND roles.name = {PermissionSet.SuperAdmin} AND coalesce(held.context_type, '') IN ('', 'global')) AS "Value"
        """).SingleAsync(cancellationToken);

    private Task<bool> ExistAsync(CancellationToken cancellationToken) => db.Database.SqlQuery<bool>($"""
        SELECT EXISTS (
            SELECT 1 FROM user_roles held JOIN roles ON roles.id = held.role_id JOIN users ON users.id = held.user_id
            WHERE roles.name = {PermissionSet.SuperAdmin} AND coalesce(held.context_type, '') IN ('', 'global')
              AND held.expires_at IS NULL AND users.disabled_at IS NULL) AS "Value"
        """).SingleAsync(cancellationToken);
}

using System.Text.Json.Nodes;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Access;

/// <summary>
/// Deletes grants that have ended. They count no longer the moment they end, whether or not this has run. One replica at a time,
/// in batches.
/// </summary>
public sealed class GrantCleanup(IServiceScopeFactory scopes, MigrationState migrations, TimeProvider time, ILogger<GrantCleanup> logger)
    : DatabaseMaintenance(migrations, time, logger, every: TimeSpan.FromMinutes(5), firstAfter: TimeSpan.FromMinutes(1))
{
    private const int BatchSize = 1_000;

    /// <summary>Any constant; held while a batch is deleted.</summary>
    private const long AdvisoryLock = 0x6761_6964;

    public override async Task MaintainAsync(CancellationToken cancellationToken)
    {
        while (await RunAsync(cancellationToken) >= BatchSize)
        {
            // A full batch: there may be more.
        }
    }

    /// <returns>How many grants were deleted.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = Time.GetNaiveUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({AdvisoryLock}) AS \"Value\"").SingleAsync(cancellationToken))
            return 0;
        var roles = await db.Database.ExecuteSqlAsync($"""
            DELETE FROM user_roles WHERE ctid = ANY (ARRAY(SELECT ctid FROM user_roles WHERE expires_at <= {NaiveUtc.Parameter(now)} LIMIT {BatchSize} FOR UPDATE SKIP LOCKED))
            """, cancellationToken);
        var permissions = await db.Database.ExecuteSqlAsync($"""
            DELETE FROM user_permissions WHERE ctid = ANY (ARRAY(SELECT ctid FROM user_permissions WHERE expires_at <= {NaiveUtc.Parameter(now)} LIMIT {BatchSize} FOR UPDATE SKIP LOCKED))
            """, cancellationToken);
        var resources = await db.Database.ExecuteSqlAsync($"""
            DELETE FROM resource_permissions WHERE ctid = ANY (ARRAY(SELECT ctid FROM resource_permissions WHERE expires_at <= {NaiveUtc.Parameter(now)} LIMIT {BatchSize} FOR UPDATE SKIP LOCKED))
            """, cancellationToken);
        var workspaces = await db.Database.ExecuteSqlAsync(
            $"UPDATE workspaces SET status = 'expired' WHERE coalesce(status, 'active') = 'active' AND expires_at <= {NaiveUtc.Parameter(now)}", cancellationToken);
        if (roles + permissions + resources + workspaces > 0)
        {
            await scope.ServiceProvider.GetRequiredService<AuditLog>().AddAsync(AuditEvents.GrantsExpired, actorId: null, details: new JsonObject
            {
                ["roles"] = roles,
                ["permissions"] = permissions,
                ["resources"] = resources,
                ["workspaces"] = workspaces,
            });
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        // Nothing is announced: whoever keeps these grants knows when they end.
        return Math.Max(roles, Math.Max(permissions, resources));
    }
}

using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Audit;

/// <summary>Deletes what has been in the audit log for long enough: nothing else may. One replica at a time, in batches.</summary>
public sealed partial class AuditRetention(
    IServiceScopeFactory scopes, MigrationState migrations, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditRetention> logger)
    : DatabaseMaintenance(migrations, time, logger, every: TimeSpan.FromHours(1), firstAfter: TimeSpan.FromMinutes(1))
{
    internal const int BatchSize = 1_000;

    /// <summary>Any constant; held while a batch is deleted.</summary>
    private const long AdvisoryLock = 0x6761_6963;

    public override async Task MaintainAsync(CancellationToken cancellationToken)
    {
        if (options.Value.RetentionDays == 0)
            return;
        var deleted = await RunAsync(cancellationToken);
        if (deleted > 0)
            LogDeleted(Logger, deleted, options.Value.RetentionDays);
    }

    /// <returns>How many entries were deleted.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var before = Time.GetNaiveUtcNow().AddDays(-options.Value.RetentionDays);
        var all = 0;
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<AuthDbContext>().Database;
            await using var transaction = await database.BeginTransactionAsync(cancellationToken);
            if (!await database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({AdvisoryLock}) AS \"Value\"").SingleAsync(cancellationToken))
                return all;
            // The trigger of the table lets this transaction pass.
            await database.ExecuteSqlAsync($"SELECT set_config('gaia.audit_retention', 'on', true)", cancellationToken);
            var deleted = await database.ExecuteSqlAsync($"""
                DELETE FROM permission_audit_log WHERE id IN (
                    SELECT id FROM permission_audit_log WHERE event_timestamp < {NaiveUtc.Parameter(before)} ORDER BY event_timestamp LIMIT {BatchSize})
                """, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            all += deleted;
            if (deleted < BatchSize)
                return all;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} entries of the audit log were older than {Days} days and are deleted")]
    private static partial void LogDeleted(ILogger logger, int count, int days);
}

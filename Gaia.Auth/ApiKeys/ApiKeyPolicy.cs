using System.Data.Common;
using Gaia.Auth.Audit;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.ApiKeys;

/// <summary>
/// Gives every key that is older than the policy allows, and was not rotated, an end; forgets addresses that have not been used
/// for long. Every replica may do it: the second finds nothing left to do.
/// </summary>
public sealed partial class ApiKeyPolicy(
    IServiceScopeFactory scopes, MigrationState migrations, Revocation revocation, IOptions<ApiKeyOptions> options, TimeProvider time, ILogger<ApiKeyPolicy> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Applies the policy once.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var rules = options.Value;
        var forgotten = time.GetUtcNow() - TimeSpan.FromDays(rules.RememberAddressesDays);
        await db.Database.ExecuteSqlAsync($"DELETE FROM api_key_addresses WHERE last_used_at < {forgotten}", cancellationToken);
        if (rules.RotateAfterDays is not { } days)
            return;

        var now = time.GetUtcNow();
        var created = now - TimeSpan.FromDays(days);
        var end = now + TimeSpan.FromDays(rules.RotationGraceDays);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var due = await db.ApiKeys.FromSql($$"""
            SELECT * FROM api_keys
            WHERE is_active AND rotated_to IS NULL AND created_at <= {{created}} AT TIME ZONE 'utc'
                AND (expires_at IS NULL OR expires_at > {{end}} AT TIME ZONE 'utc')
                AND NOT coalesce(permissions, '{}') @> {{ConfiguredKeys.FromConfiguration}}::jsonb AND key_hash <> {{DevelopmentKey.Hash}}
            FOR UPDATE SKIP LOCKED
            """).AsTracking().ToListAsync(cancellationToken);
        if (due is [])
            return;

        var audit = scope.ServiceProvider.GetRequiredService<AuditLog>();
        foreach (var key in due)
        {
            key.ExpiresAt = DateTime.SpecifyKind(end.UtcDateTime, DateTimeKind.Unspecified);
            await audit.AddAsync(AuditEvents.KeyRotationDue, actorId: null, key.UserId, "api_key", key.Id.ToString());
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await revocation.AnnounceKeysAsync([.. due.Select(key => key.KeyHash)], "rotation due", cancellationToken);
        LogDue(due.Count, days, end);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = migrations.Applied.WaitAsync(stoppingToken);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (applied.IsCompletedSuccessfully && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ApplyAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException || DatabaseOutage.Is(exception))
            {
                LogLater(exception.GetBaseException().Message);
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} API keys are older than {Days} days: they expire at {End:u} unless they are rotated")]
    private partial void LogDue(int count, int days, DateTimeOffset end);

    [LoggerMessage(LogLevel.Warning, "The policy for API keys is applied later: {Reason}")]
    private partial void LogLater(string reason);
}

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
    : DatabaseMaintenance(migrations, time, logger, every: TimeSpan.FromHours(1))
{
    public override async Task MaintainAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var rules = options.Value;
        var forgotten = Time.GetUtcNow() - TimeSpan.FromDays(rules.RememberAddressesDays);
        await db.Database.ExecuteSqlAsync($"DELETE FROM api_key_addresses WHERE last_used_at < {forgotten}", cancellationToken);
        if (rules.RotateAfterDays is not { } days)
            return;

        var now = Time.GetUtcNow();
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
        LogDue(Logger, due.Count, days, end);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} API keys are older than {Days} days: they expire at {End:u} unless they are rotated")]
    private static partial void LogDue(ILogger logger, int count, int days, DateTimeOffset end);
}

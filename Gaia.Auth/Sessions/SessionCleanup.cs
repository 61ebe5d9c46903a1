using Gaia.Auth.Supabase;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Sessions;

/// <summary>Deletes what has ended, every now and then and in small steps.</summary>
internal sealed class SessionCleanup(IServiceScopeFactory scopes, MigrationState migrations, TimeProvider time, ILogger<SessionCleanup> logger)
    : DatabaseMaintenance(migrations, time, logger, every: TimeSpan.FromMinutes(15))
{
    private const int Step = 1000;

    /// <summary>For clients and replicas whose clock is behind, and for questions that come a little late.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeepMailFor = TimeSpan.FromDays(7);

    public override async Task MaintainAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = Time.GetUtcNow();
        var ended = now - Margin;
        await RepeatAsync(() => db.Database.ExecuteSqlAsync($"DELETE FROM auth_access_tokens WHERE token_hash IN (SELECT token_hash FROM auth_access_tokens WHERE expires_at < {ended} LIMIT {Step})", cancellationToken));
        await RepeatAsync(() => db.Database.ExecuteSqlAsync($"DELETE FROM auth_refresh_tokens WHERE token_hash IN (SELECT token_hash FROM auth_refresh_tokens WHERE expires_at < {ended} LIMIT {Step})", cancellationToken));
        // A session that was logged out is remembered for as long as any of its tokens may still count elsewhere.
        var forgotten = now - SupabaseSessions.LongestToken;
        await RepeatAsync(() => db.Database.ExecuteSqlAsync($"DELETE FROM auth_sessions WHERE id IN (SELECT id FROM auth_sessions WHERE expires_at < {forgotten} LIMIT {Step})", cancellationToken));
        await RepeatAsync(() => db.Database.ExecuteSqlAsync($"DELETE FROM auth_confirmations WHERE token_hash IN (SELECT token_hash FROM auth_confirmations WHERE expires_at < {ended} LIMIT {Step})", cancellationToken));
        await RepeatAsync(() => db.Database.ExecuteSqlAsync($"DELETE FROM auth_mail_outbox WHERE id IN (SELECT id FROM auth_mail_outbox WHERE expires_at < {now - KeepMailFor} LIMIT {Step})", cancellationToken));
        await RepeatAsync(() => db.Database.ExecuteSqlAsync($"DELETE FROM auth_throttle WHERE subject IN (SELECT subject FROM auth_throttle WHERE arrival < {ended} LIMIT {Step})", cancellationToken));
    }

    private static async Task RepeatAsync(Func<Task<int>> step)
    {
        while (await step() == Step)
        {
        }
    }
}

using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Web.Sessions;

/// <summary>Deletes sessions that have ended, every now and then and in small steps.</summary>
internal sealed class SessionCleanup(IServiceScopeFactory scopes, MigrationState migrations, TimeProvider time, ILogger<SessionCleanup> logger)
    : DatabaseMaintenance(migrations, time, logger, every: TimeSpan.FromMinutes(15))
{
    private const int Step = 1000;

    public override async Task MaintainAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<WebDbContext>();
        var now = Time.GetUtcNow();
        while (await db.Database.ExecuteSqlAsync($"DELETE FROM web_sessions WHERE id IN (SELECT id FROM web_sessions WHERE expires_at < {now} LIMIT {Step})", cancellationToken) == Step)
        {
        }
    }
}

using System.Data.Common;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Web.Sessions;

/// <summary>Deletes sessions that have ended, every now and then and in small steps.</summary>
internal sealed partial class SessionCleanup(IServiceScopeFactory scopes, MigrationState migrations, TimeProvider time, ILogger<SessionCleanup> logger) : BackgroundService
{
    private const int Step = 1000;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = migrations.Applied.WaitAsync(stoppingToken);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (applied.IsCompletedSuccessfully && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CleanAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException || DatabaseOutage.Is(exception))
            {
                LogLater(exception.GetBaseException().Message);
            }

            await Task.Delay(Every, time, stoppingToken);
        }
    }

    internal async Task CleanAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<WebDbContext>();
        var now = time.GetUtcNow();
        while (await db.Database.ExecuteSqlAsync($"DELETE FROM web_sessions WHERE id IN (SELECT id FROM web_sessions WHERE expires_at < {now} LIMIT {Step})", cancellationToken) == Step)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "Ended sessions are deleted later: {Reason}")]
    private partial void LogLater(string reason);
}

using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gaia.ServiceDefaults.Data;

/// <summary>
/// Work on a service's own tables that recurs beside the requests, from when its migrations are applied. What fails for PostgreSQL's
/// sake is tried again the next time.
/// </summary>
/// <param name="migrations">Says when there are tables.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The category names the work.</param>
/// <param name="every">How long to wait from the end of one time to the beginning of the next.</param>
/// <param name="firstAfter">How long after the migrations to begin: nobody waits for it while the service starts.</param>
public abstract partial class DatabaseMaintenance(MigrationState migrations, TimeProvider time, ILogger logger, TimeSpan every, TimeSpan firstAfter = default)
    : BackgroundService
{
    protected TimeProvider Time { get; } = time;

    protected ILogger Logger { get; } = logger;

    /// <summary>Does the work once.</summary>
    public abstract Task MaintainAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = migrations.Applied.WaitAsync(stoppingToken);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!applied.IsCompletedSuccessfully)
            return;

        for (var wait = firstAfter; ; wait = every)
        {
            await Task.Delay(wait, Time, stoppingToken);
            try
            {
                await MaintainAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is DbException || DatabaseOutage.Is(exception))
            {
                LogLater(Logger, every, exception.GetBaseException().Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Tried again in {Every}: {Reason}")]
    private static partial void LogLater(ILogger logger, TimeSpan every, string reason);
}

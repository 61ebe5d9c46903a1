using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs the health checks of each running resource: often until it is healthy, then every thirty seconds.</summary>
internal sealed class HealthMonitor(ResourceNotificationService notifications, HealthCheckService checks) : BackgroundService
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _monitored = new();

    public static IReadOnlyList<string> Checks(IResource resource)
        => [.. (resource is IResourceWithParent child ? Checks(child.Parent) : []).Concat(resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key)).Distinct()];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var update in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
        {
            var (name, state, keys) = (update.Resource.Name, update.Snapshot.State?.Text ?? "", Checks(update.Resource));
            if (state == KnownResourceStates.Running && keys.Count > 0 && !_monitored.ContainsKey(name))
            {
                var source = _monitored[name] = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                _ = MonitorAsync(update.Resource, keys, source.Token);
            }
            else if (KnownResourceStates.TerminalStates.Contains(state) && _monitored.TryRemove(name, out var source))
            {
                await source.CancelAsync().ConfigureAwait(false);
                source.Dispose();
            }
        }
    }

    private async Task MonitorAsync(IResource resource, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Yield();
            try
            {
                var report = await checks.CheckHealthAsync(check => keys.Contains(check.Name), cancellationToken).ConfigureAwait(false);
                failures = report.Status == HealthStatus.Healthy ? 0 : failures + 1;
                await notifications.PublishUpdateAsync(resource, state => cancellationToken.IsCancellationRequested ? state : state with
                {
                    HealthReports = [.. report.Entries.Select(entry =>
                        new HealthReportSnapshot(entry.Key, entry.Value.Status, entry.Value.Description, entry.Value.Exception?.ToString()))],
                }).ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromSeconds(failures == 0 ? 30 : Math.Min(5, failures)), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}

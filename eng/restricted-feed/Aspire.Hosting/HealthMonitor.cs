namespace Aspire.Hosting.ApplicationModel;

/// <summary>Runs the health checks of each running resource: often until it is healthy, then every thirty seconds.</summary>
internal sealed class HealthMonitor(ResourceNotificationService notifications, HealthCheckService checks) : BackgroundService
{
    private readonly Dictionary<string, CancellationTokenSource> _monitored = [];
    public static ImmutableArray<HealthReportSnapshot> NoReports(IResource resource)
        => [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => new HealthReportSnapshot(check.Key, null, null, null))];
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var update in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
        {
            var (name, state) = (update.Resource.Name, update.Snapshot.State?.Text ?? "");
            if (state == KnownResourceStates.Running && NoReports(update.Resource).Length > 0 && !_monitored.ContainsKey(name))
                _ = MonitorAsync(update.Resource, (_monitored[name] = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken)).Token);
            else if (KnownResourceStates.TerminalStates.Contains(state) && _monitored.Remove(name, out var source))
                await source.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task MonitorAsync(IResource resource, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var (keys, failures) = (NoReports(resource).Select(report => report.Name).ToHashSet(), 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            var report = await checks.CheckHealthAsync(check => keys.Contains(check.Name), cancellationToken).ConfigureAwait(false);
            failures = report.Status == HealthStatus.Healthy ? 0 : failures + 1;
            await notifications.PublishUpdateAsync(resource, state => cancellationToken.IsCancellationRequested ? state : state with
            {
                HealthReports = [.. report.Entries.Select(entry => new HealthReportSnapshot(entry.Key, entry.Value.Status, entry.Value.Description, entry.Value.Exception?.ToString()))],
            }).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(failures == 0 ? 30 : Math.Min(5, failures)), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Microsoft.Extensions.Hosting;

namespace Gaia.ServiceDefaults.Health;

/// <summary>Tells the others on NATS that this service is up, and that it is about to stop.</summary>
internal sealed class ServiceAnnouncer(
    ServiceInfo service,
    IEventBus bus,
    IEnumerable<MigrationState> migrations,
    IHostApplicationLifetime lifetime,
    TimeProvider time) : IHostedLifecycleService
{
    private Task _ready = Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        bus.Publish(Event("healthy"));
        _ready = AnnounceReadyAsync();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        bus.Publish(Event("stopping"));
        return bus.FlushAsync(TimeSpan.FromSeconds(1), cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => _ready;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task AnnounceReadyAsync()
    {
        var applied = Task.WhenAll(migrations.Select(state => state.Applied)).WaitAsync(lifetime.ApplicationStopping);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (applied.IsCompletedSuccessfully)
            bus.Publish(new ServiceReadyEvent(service.Name, "ready", time.GetUtcNow().UtcDateTime));
    }

    private ServiceHealthEvent Event(string status) => new(service.Name, status, time.GetUtcNow().UtcDateTime);
}

using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;

namespace Gaia.ServiceDefaults.Health;

/// <summary>This service's own health checks, run at most once a second however many ask.</summary>
public sealed class HealthSnapshot(HealthCheckService checks, TimeProvider time)
{
    private readonly Coalesced<HealthReport> _shared = new(TimeSpan.FromSeconds(1), time);

    public Task<HealthReport> GetAsync(CancellationToken cancellationToken) => _shared.GetAsync(RunAsync, cancellationToken);

    private async Task<HealthReport> RunAsync()
    {
        // Polled all the time: its queries would bury the traces of people's requests.
        using var untraced = SuppressInstrumentationScope.Begin();
        return await checks.CheckHealthAsync(CancellationToken.None);
    }
}

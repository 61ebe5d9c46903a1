using Microsoft.Extensions.Diagnostics.HealthChecks;
using NATS.Client.Core;

namespace Aspire.NATS.Net;

public sealed class NatsClientSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }
}

internal sealed class NatsHealthCheck(INatsConnection connection) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (connection.ConnectionState is NatsConnectionState.Connecting or NatsConnectionState.Reconnecting)
            return HealthCheckResult.Degraded("Connecting to NATS server...");

        await connection.ConnectAsync().ConfigureAwait(false);
        return HealthCheckResult.Healthy();
    }
}

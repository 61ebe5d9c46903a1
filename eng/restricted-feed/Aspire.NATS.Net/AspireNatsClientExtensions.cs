using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Microsoft.Extensions.Hosting;

public static class AspireNatsClientExtensions
{
    public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName) => AddNatsClient(builder, connectionName, null);

    public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName, Func<NatsOpts, NatsOpts>? configureOptions)
    {
        var url = builder.Configuration.GetConnectionString(connectionName);
        builder.Services.AddSingleton<INatsConnection>(services =>
        {
            var options = new NatsOpts { LoggerFactory = services.GetRequiredService<ILoggerFactory>() };
            options = configureOptions?.Invoke(options) ?? options;
            return new NatsConnection(options with { Url = url ?? throw new InvalidOperationException($"NATS connection string not found: {connectionName}") });
        });
        builder.Services.AddHealthChecks().AddCheck<NatsHealthCheck>("NATS");
        if (!builder.Configuration.GetValue<bool>("Aspire:NATS:Net:DisableTracing")) builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource("NATS.Net"));
    }
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

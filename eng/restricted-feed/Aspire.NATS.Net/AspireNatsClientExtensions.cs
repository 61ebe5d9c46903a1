using Aspire.NATS.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Microsoft.Extensions.Hosting;

public static class AspireNatsClientExtensions
{
    public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName) => AddNatsClient(builder, connectionName, null, null);

    public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName, Func<NatsOpts, NatsOpts>? configureOptions) =>
        AddNatsClient(builder, connectionName, null, configureOptions);

    public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName, Action<NatsClientSettings>? configureSettings, Func<NatsOpts, NatsOpts>? configureOptions)
    {
        var settings = new NatsClientSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
        configureSettings?.Invoke(settings);

        builder.Services.TryAddSingleton(services =>
        {
            var options = NatsOpts.Default with { LoggerFactory = services.GetRequiredService<ILoggerFactory>() };
            options = configureOptions?.Invoke(options) ?? options;
            return new NatsConnection(options with { Url = settings.ConnectionString ?? throw new InvalidOperationException($"NATS connection string not found: {connectionName}") });
        });
        builder.Services.TryAddSingleton<INatsConnection>(static services => services.GetRequiredService<NatsConnection>());
        builder.Services.TryAddSingleton<INatsClient>(static services => services.GetRequiredService<NatsConnection>());
        if (!settings.DisableHealthChecks && builder.Properties.TryAdd("Aspire.HealthChecks.NATS", true))
            builder.Services.AddHealthChecks().AddCheck<NatsHealthCheck>("NATS");

        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource("NATS.Net"));
    }
}

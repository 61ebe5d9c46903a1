using Aspire.NATS.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Aspire.NATS.Net
{
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
            switch (connection.ConnectionState)
            {
                case NatsConnectionState.Open:
                    return HealthCheckResult.Healthy();
                case NatsConnectionState.Connecting or NatsConnectionState.Reconnecting:
                    return HealthCheckResult.Degraded("Connecting to NATS server...");
                case NatsConnectionState.Closed:
                    try
                    {
                        await connection.ConnectAsync().ConfigureAwait(false);
                        return HealthCheckResult.Healthy();
                    }
                    catch (Exception exception) when (exception is not OutOfMemoryException)
                    {
                        return HealthCheckResult.Unhealthy("Failed to connect to NATS server.", exception);
                    }

                default:
                    return new HealthCheckResult(context.Registration.FailureStatus, "Unknown NATS connection state.");
            }
        }
    }
}

namespace Microsoft.Extensions.Hosting
{
    public static class AspireNatsClientExtensions
    {
        private const string Section = "Aspire:NATS:Net";

        public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName) =>
            AddNatsClient(builder, connectionName, configureSettings: null, (Func<IServiceProvider, NatsOpts, NatsOpts>?)null);

        public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName, Action<NatsClientSettings>? configureSettings) =>
            AddNatsClient(builder, connectionName, configureSettings, (Func<IServiceProvider, NatsOpts, NatsOpts>?)null);

        public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName, Func<NatsOpts, NatsOpts>? configureOptions) =>
            AddNatsClient(builder, connectionName, configureSettings: null, configureOptions);

        public static void AddNatsClient(this IHostApplicationBuilder builder, string connectionName, Action<NatsClientSettings>? configureSettings, Func<NatsOpts, NatsOpts>? configureOptions) =>
            AddNatsClient(builder, connectionName, configureSettings, configureOptions is null ? null : (_, options) => configureOptions(options));

        public static void AddNatsClient(
            this IHostApplicationBuilder builder,
            string connectionName,
            Action<NatsClientSettings>? configureSettings,
            Func<IServiceProvider, NatsOpts, NatsOpts>? configureOptions)
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentException.ThrowIfNullOrEmpty(connectionName);
            var settings = new NatsClientSettings();
            var section = builder.Configuration.GetSection(Section);
            section.Bind(settings);
            section.GetSection(connectionName).Bind(settings);
            settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
            configureSettings?.Invoke(settings);

            builder.Services.TryAddSingleton(services =>
            {
                var options = NatsOpts.Default with { LoggerFactory = services.GetRequiredService<ILoggerFactory>() };
                options = configureOptions is null ? options : configureOptions(services, options);
                return new NatsConnection(options with
                {
                    Url = settings.ConnectionString ?? throw new InvalidOperationException($"NATS connection string not found: {connectionName}"),
                });
            });
            builder.Services.TryAddSingleton<INatsConnection>(static services => services.GetRequiredService<NatsConnection>());
            builder.Services.TryAddSingleton<INatsClient>(static services => services.GetRequiredService<NatsConnection>());
            if (!settings.DisableHealthChecks && builder.Properties.TryAdd("Aspire.HealthChecks.NATS", true))
            {
                builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                    "NATS", services => new NatsHealthCheck(services.GetRequiredService<INatsConnection>()), failureStatus: default, tags: default));
            }

            if (!settings.DisableTracing)
            {
                builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource("NATS.Net"));
            }
        }
    }
}

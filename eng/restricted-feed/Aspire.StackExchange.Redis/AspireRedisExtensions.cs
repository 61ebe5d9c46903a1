using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis
{
    public sealed class StackExchangeRedisSettings
    {
        public string? ConnectionString { get; set; }

        public bool DisableHealthChecks { get; set; }

        /// <summary>Has no effect here: the old release of the client offers nothing to trace it by.</summary>
        public bool DisableTracing { get; set; }

        /// <summary>When false, the host connects at its start instead of at the first use.</summary>
        public bool DisableAutoActivation { get; set; } = true;
    }
}

namespace Microsoft.Extensions.Hosting
{
    public static class AspireRedisExtensions
    {
        private const string Section = "Aspire:StackExchange:Redis";

        public static void AddRedisClient(
            this IHostApplicationBuilder builder,
            string connectionName,
            Action<StackExchangeRedisSettings>? configureSettings = null,
            Action<ConfigurationOptions>? configureOptions = null)
        {
            ArgumentNullException.ThrowIfNull(builder);
            ArgumentException.ThrowIfNullOrEmpty(connectionName);
            var settings = new StackExchangeRedisSettings();
            var section = builder.Configuration.GetSection(Section);
            var named = section.GetSection(connectionName);
            section.Bind(settings);
            named.Bind(settings);
            settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
            configureSettings?.Invoke(settings);

            builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
            {
                var options = Parse(settings.ConnectionString);
                section.GetSection("ConfigurationOptions").Bind(options);
                named.GetSection("ConfigurationOptions").Bind(options);
                configureOptions?.Invoke(options);
                return options.EndPoints.Count > 0
                    ? ConnectionMultiplexer.Connect(options)
                    : throw new InvalidOperationException(
                        $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' or for the '{Section}:ConnectionString' configuration key.");
            });
            if (!settings.DisableAutoActivation)
            {
                throw new NotSupportedException("Connecting at the start of the host needs the real package Aspire.StackExchange.Redis.");
            }

            if (!settings.DisableHealthChecks && builder.Properties.TryAdd("Aspire.HealthChecks.StackExchange.Redis", true))
            {
                builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                    "StackExchange.Redis", services => new RedisHealthCheck(services), failureStatus: default, tags: default));
            }
        }

        /// <summary>As with the real package, a server that is away at the start is tried again unless the connection string says otherwise.</summary>
        private static ConfigurationOptions Parse(string? connectionString)
        {
            var options = ConfigurationOptions.Parse(connectionString ?? "");
            if (connectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) != true)
            {
                options.AbortOnConnectFail = false;
            }

            return options;
        }

        private sealed class RedisHealthCheck(IServiceProvider services) : IHealthCheck
        {
            public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
            {
                try
                {
                    await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                    return HealthCheckResult.Healthy();
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    return new HealthCheckResult(context.Registration.FailureStatus, exception: exception);
                }
            }
        }
    }
}

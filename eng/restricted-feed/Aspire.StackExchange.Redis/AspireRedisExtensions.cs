using Aspire.StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

public static class AspireRedisExtensions
{
    public static void AddRedisClient(
        this IHostApplicationBuilder builder, string connectionName, Action<StackExchangeRedisSettings>? configureSettings = null, Action<ConfigurationOptions>? configureOptions = null)
    {
        var connectionString = builder.Configuration.GetConnectionString(connectionName);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var options = ConfigurationOptions.Parse(connectionString ?? "");

            // Try again for ever, even when the server is away at the first use.
            if (connectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) != true)
                options.AbortOnConnectFail = false;

            configureOptions?.Invoke(options);
            return options.EndPoints.Count > 0
                ? ConnectionMultiplexer.Connect(options)
                : throw new InvalidOperationException($"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}'.");
        });
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("StackExchange.Redis");
    }
}

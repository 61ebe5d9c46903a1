using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Gaia.ServiceDefaults.Caching;

/// <summary>
/// Redis as a cache that may be away. No call throws or takes longer than 250 ms; after one that fails, Redis is left alone
/// for a second.
/// </summary>
internal sealed partial class RedisStore(IServiceProvider services, TimeProvider time, ILogger<RedisStore> logger) : BackgroundService
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private volatile IConnectionMultiplexer? _redis;
    private long _restUntil;

    /// <summary>Connects beside the start of the service: the client's first connect blocks while the server is away.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_redis is null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                _redis = await Task.Run(services.GetRequiredService<IConnectionMultiplexer>, stoppingToken);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or InvalidOperationException)
            {
                LogAway(exception.Message);
                await Task.Delay(Rest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public Task<string?> GetAsync(string key) => CallAsync(async database => (string?)await database.StringGetAsync(key));

    public Task SetAsync(string key, string value, TimeSpan lifetime) => CallAsync(database => database.StringSetAsync(key, value, lifetime));

    public Task DeleteAsync(string key) => CallAsync(database => database.KeyDeleteAsync(key));

    private async Task<T?> CallAsync<T>(Func<IDatabase, Task<T>> call)
    {
        if (_redis is not { IsConnected: true } redis || time.GetTimestamp() < Volatile.Read(ref _restUntil))
            return default;
        try
        {
            return await call(redis.GetDatabase()).WaitAsync(CallLimit, time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            Volatile.Write(ref _restUntil, time.GetTimestamp() + (long)(Rest.TotalSeconds * time.TimestampFrequency));
            LogAway(exception.Message);
            return default;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis does not answer; caching in memory only: {Reason}")]
    private partial void LogAway(string reason);
}

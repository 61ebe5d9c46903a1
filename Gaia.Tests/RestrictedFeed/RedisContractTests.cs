using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>What Gaia relies on in the Redis client, against a real server; true of the package and of what stands in for it.</summary>
public sealed class RedisContractTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private readonly LocalServer _server = LocalServer.Redis("secret");

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Strings_expire_and_go_away()
    {
        await _server.StartAsync();
        using var host = Connect();
        var redis = host.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        Assert.True(await redis.StringSetAsync("a", "1", TimeSpan.FromSeconds(100)));
        Assert.Equal("1", (string?)await redis.StringGetAsync("a"));
        Assert.InRange((await redis.KeyTimeToLiveAsync("a"))!.Value, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(100));
        Assert.True(await redis.KeyDeleteAsync("a"));
        Assert.True((await redis.StringGetAsync("a")).IsNull);
        Assert.True(await redis.StringSetAsync("b", new byte[] { 0, 255 }, TimeSpan.FromMilliseconds(50)));
        Assert.Equal([0, 255], (byte[]?)await redis.StringGetAsync("b"));
        await Task.Delay(200);
        Assert.False((await redis.StringGetAsync("b")).HasValue);
    }

    [Fact]
    public async Task Scripts_and_counters_run_on_the_server()
    {
        await _server.StartAsync();
        using var host = Connect();
        var redis = host.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        Assert.Equal(2, await redis.StringIncrementAsync("n", 2));
        var result = await redis.ScriptEvaluateAsync("return redis.call('INCRBY', KEYS[1], ARGV[1])", [(RedisKey)"n"], [(RedisValue)5]);
        Assert.Equal(7, (long)result);
    }

    [Fact]
    public async Task A_server_that_is_away_at_first_is_found_later()
    {
        using var host = Connect();
        var started = Stopwatch.GetTimestamp();
        var connection = host.GetRequiredService<IConnectionMultiplexer>();
        Assert.False(connection.IsConnected);
        await FailsAsync(connection);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Patience);
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(host));

        await _server.StartAsync();
        await WorksAsync(connection);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(host));
    }

    [Fact]
    public async Task A_lost_server_fails_calls_until_it_is_back()
    {
        await _server.StartAsync();
        using var host = Connect();
        var connection = host.GetRequiredService<IConnectionMultiplexer>();
        await WorksAsync(connection);

        await _server.KillAsync();
        var started = Stopwatch.GetTimestamp();
        await FailsAsync(connection);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Patience);
        Assert.False(connection.IsConnected);

        await _server.StartAsync();
        await WorksAsync(connection);
        Assert.True(connection.IsConnected);
    }

    private ServiceProvider Connect()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", $"127.0.0.1:{_server.Port},password=secret")]);
        builder.AddRedisClient("redis", configureOptions: options =>
        {
            options.ConnectTimeout = 1000;
            options.SyncTimeout = 1000;
        });
        builder.Services.AddLogging();
        return builder.Services.BuildServiceProvider();
    }

    private static async Task FailsAsync(IConnectionMultiplexer connection)
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () => await connection.GetDatabase().StringSetAsync("k", "v"));
        Assert.True(exception is RedisException or TimeoutException, exception.ToString());
    }

    private static async Task WorksAsync(IConnectionMultiplexer connection)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Assert.True(await connection.GetDatabase().StringSetAsync("k", "v"));
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(50);
            }
        }
    }

    private static async Task<HealthStatus> HealthAsync(ServiceProvider host) =>
        (await host.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["StackExchange.Redis"].Status;
}

using Gaia.Gateway.Limits;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using StackExchange.Redis;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>The script in a real Redis.</summary>
[Collection(SharedServers.Name)]
public sealed class GcraScriptTests(NativeServers servers) : IAsyncLifetime
{
    private const string Clock = "redis.call('TIME')";

    private ConnectionMultiplexer _connection = null!;
    private IDatabase _redis = null!;

    public async Task InitializeAsync()
    {
        _connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{servers.Redis.Port}");
        _redis = _connection.GetDatabase();
    }

    public Task DisposeAsync()
    {
        _connection.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(50, 3600, 50, 20, 3600, 30)]
    [InlineData(7, 7200, 3, 1000, 86400, 11)]
    [InlineData(3600, 3600, 4000, 86400, 86400, 500)]
    public async Task It_grants_what_two_token_buckets_both_have(int keyPermits, int keySeconds, int keyBurst, int userPermits, int userSeconds, int userBurst)
    {
        Assert.Contains(Clock, GcraScript.Text, StringComparison.Ordinal);
        // The same script at the times that the test says. They are ahead of Redis's own, so that nothing expires meanwhile.
        var script = GcraScript.Text.Replace(Clock, "{ARGV[#ARGV - 1], ARGV[#ARGV]}", StringComparison.Ordinal);
        Gcra[] rates =
        [
            new(new RateLimit(keyPermits, TimeSpan.FromSeconds(keySeconds), keyBurst)),
            new(new RateLimit(userPermits, TimeSpan.FromSeconds(userSeconds), userBurst)),
        ];
        RedisKey[] keys = [$"test:{Guid.NewGuid():N}", $"test:{Guid.NewGuid():N}"];
        var (levels, random) = (rates.Select(rate => rate.Capacity).ToArray(), new Random(keyBurst));
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        for (var i = 0; i < 500; i++)
        {
            var pause = random.NextInt64(3 * rates.Min(rate => rate.Interval));
            now += pause;
            var asked = random.Next(1, 12);
            for (var bucket = 0; bucket < 2; bucket++)
                levels[bucket] = Math.Min(rates[bucket].Capacity, levels[bucket] + pause);
            var expected = Math.Min(asked, rates.Zip(levels).Min(pair => pair.Second / pair.First.Interval));

            var answer = (long[]?)await _redis.ScriptEvaluateAsync(script, keys,
                [asked, rates[0].Interval, rates[0].Burst, 0, rates[1].Interval, rates[1].Burst, 0, now / 1_000_000, now % 1_000_000]);

            for (var bucket = 0; bucket < 2; bucket++)
                levels[bucket] -= expected * rates[bucket].Interval;
            long[] model = [expected, rates[0].Capacity - levels[0], rates[1].Capacity - levels[1]];
            Assert.Equal(model, answer!);
        }
    }

    [Fact]
    public async Task All_that_is_asked_or_fewer_are_granted_until_none_is_left()
    {
        var bucket = NewBucket(50, 3600, 50);

        Assert.Equal(
            (30, 20, 0, 0),
            (await TakeAsync(bucket, 30), await TakeAsync(bucket, 30), await TakeAsync(bucket, 1), await TakeAsync(bucket, 100)));
    }

    [Fact]
    public async Task Permits_grow_back_by_the_clock_of_Redis()
    {
        var bucket = NewBucket(20, 1, 5);
        Assert.Equal(5, await TakeAsync(bucket, 10));
        await Task.Delay(TimeSpan.FromMilliseconds(160));
        Assert.InRange(await TakeAsync(bucket, 10), 3, 5);
        await Task.Delay(TimeSpan.FromMilliseconds(400));
        Assert.Equal(5, await TakeAsync(bucket, 10));
    }

    [Fact]
    public async Task The_key_ends_when_the_bucket_is_at_rest_and_a_question_leaves_none()
    {
        var bucket = NewBucket(60, 60, 60);
        await TakeAsync(bucket, 0);
        Assert.Null(await _redis.KeyTimeToLiveAsync(bucket.Name));

        await TakeAsync(bucket, 10);
        Assert.InRange((await _redis.KeyTimeToLiveAsync(bucket.Name))!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_was_taken_while_Redis_was_away_is_made_known_to_it()
    {
        var bucket = NewBucket(60, 3600, 10);
        var answer = (long[]?)await GcraScript.TakeAsync(_redis, 10, (bucket, TimeSpan.FromMinutes(7).Ticks / TimeSpan.TicksPerMicrosecond));

        Assert.Equal(3, answer![0]);
        Assert.Equal(0, await TakeAsync(bucket, 10));
    }

    [Fact]
    public async Task It_works_again_after_Redis_forgot_its_scripts()
    {
        var bucket = NewBucket(50, 3600, 50);
        Assert.Equal(1, await TakeAsync(bucket, 1));
        await RepositoryClone.RunAsync("redis-cli", ["-p", $"{servers.Redis.Port}", "SCRIPT", "FLUSH"]);
        try
        {
            await TakeAsync(bucket, 1);
        }
        catch (RedisServerException exception)
        {
            Assert.StartsWith("NOSCRIPT", exception.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await TakeAsync(bucket, 1));
    }

    private static Bucket NewBucket(int permits, int seconds, int burst) =>
        new(LimitKind.User, $"test:{Guid.NewGuid():N}", new RateLimit(permits, TimeSpan.FromSeconds(seconds), burst));

    private async Task<long> TakeAsync(Bucket bucket, int permits) => ((long[]?)await GcraScript.TakeAsync(_redis, permits, (bucket, 0)))![0];
}

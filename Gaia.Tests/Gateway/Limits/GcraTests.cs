using Gaia.Gateway.Limits;
using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>The arithmetic of the limits, and the limiter of a process without Redis, against a bucket of tokens that is filled drop by drop.</summary>
public sealed class GcraTests
{
    private readonly ManualClock _clock = new();

    public static TheoryData<int, int, int> Limits => new() { { 50, 3600, 50 }, { 60, 60, 60 }, { 3000, 60, 1000 }, { 7, 60, 3 }, { 1, 1, 1 }, { 10, 1, 30 }, { 1000, 86400, 1 } };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task The_local_limiter_admits_exactly_what_a_token_bucket_does(int permits, int seconds, int burst)
    {
        var limit = new RateLimit(permits, TimeSpan.FromSeconds(seconds), burst);
        var interval = new Gcra(limit).Interval;
        var (limiter, bucket, model) = (NewLimiter(), new Bucket(LimitKind.User, "model", limit), new TokenBucket(interval, burst));
        var random = new Random(permits + seconds + burst);
        var granted = 0;
        for (var i = 0; i < 20_000; i++)
        {
            // More than is allowed, now and then after a rest.
            var pause = random.Next(8 * burst) == 0 ? random.NextInt64(interval * burst) : random.Next(2) * random.NextInt64(interval);
            _clock.Advance(pause);
            var expected = model.TryTake(limiter.Now);
            var admission = await limiter.TakeAsync(bucket);
            Assert.True(expected == admission.IsGranted, $"request {i} at {limiter.Now}: {admission}");
            Assert.Equal(expected ? model.Whole : 0, admission.Remaining);
            granted += expected ? 1 : 0;
        }

        Assert.InRange(granted, 1, 19_999);
    }

    [Fact]
    public async Task A_refused_client_may_ask_again_when_it_was_told()
    {
        var (limiter, bucket) = (NewLimiter(), new Bucket(LimitKind.Key, "retry", new RateLimit(7, TimeSpan.FromMinutes(1), 2)));
        await limiter.TakeAsync(bucket);
        await limiter.TakeAsync(bucket);

        var refused = await limiter.TakeAsync(bucket);
        _clock.Advance((refused.RetryAfter.Ticks / TimeSpan.TicksPerMicrosecond) - 1);
        var tooEarly = await limiter.TakeAsync(bucket);
        _clock.Advance(1);
        var inTime = await limiter.TakeAsync(bucket);

        Assert.Equal((false, false, true), (refused.IsGranted, tooEarly.IsGranted, inTime.IsGranted));
        Assert.InRange(refused.RetryAfter, TimeSpan.FromSeconds(8.57), TimeSpan.FromSeconds(8.58));
    }

    [Fact]
    public async Task What_one_limit_refuses_is_not_taken_from_the_other()
    {
        var user = new Bucket(LimitKind.User, "user", new RateLimit(3, TimeSpan.FromHours(1), 3));
        var key = new Bucket(LimitKind.Key, "key", new RateLimit(5, TimeSpan.FromHours(1), 5), user);
        var limiter = NewLimiter();
        for (var i = 0; i < 3; i++)
            Assert.True((await limiter.TakeAsync(key)).IsGranted);
        for (var i = 0; i < 10; i++)
            Assert.Equal((false, user), (await limiter.TakeAsync(key) is var refused && refused.IsGranted, refused.Bucket));

        // The user's limit is full again after three hours' worth; the key had two left all the time.
        _clock.Advance(1_200_000_000L);
        var next = await limiter.TakeAsync(key);
        Assert.True(next.IsGranted);
        Assert.Equal(0, next.Remaining);
    }

    [Fact]
    public async Task Parallel_requests_share_a_local_limit_exactly()
    {
        var (limiter, bucket) = (NewLimiter(), new Bucket(LimitKind.User, "parallel", new RateLimit(500, TimeSpan.FromHours(1), 500), new Bucket(LimitKind.User, "parent", new RateLimit(400, TimeSpan.FromHours(1), 400))));
        var granted = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), async (_, _) =>
        {
            if ((await limiter.TakeAsync(bucket)).IsGranted)
                Interlocked.Increment(ref granted);
        });

        Assert.InRange(granted, 399, 400);
        if (granted == 399)
            Assert.True((await limiter.TakeAsync(bucket)).IsGranted);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(int.MaxValue, 1, int.MaxValue)]
    [InlineData(1, int.MaxValue, int.MaxValue)]
    public void Extreme_limits_stay_within_exact_numbers(int permits, int seconds, int burst)
    {
        var rate = new Gcra(new RateLimit(permits, TimeSpan.FromSeconds(seconds), burst));

        Assert.InRange(rate.Interval, 1, long.MaxValue);
        Assert.InRange(rate.Capacity, 1, 1L << 52);
        Assert.Equal(rate.Burst, rate.Available(0));
        Assert.Equal(0, rate.Available(rate.Capacity));
    }

    private Limiter NewLimiter() => new(
        new SharedLimits(new ServiceCollection().BuildServiceProvider(), Options.Create(new LimitsOptions()), _clock, NullLogger<SharedLimits>.Instance), _clock);

    /// <summary>Tokens in microseconds: a whole one is an interval.</summary>
    private sealed class TokenBucket(long interval, int burst)
    {
        private long _level = interval * burst;
        private long _at;

        public int Whole => (int)(_level / interval);

        public bool TryTake(long now)
        {
            _level = Math.Min(interval * burst, _level + now - _at);
            _at = now;
            if (_level < interval)
                return false;
            _level -= interval;
            return true;
        }
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(long microseconds) => _ticks += microseconds * TimeSpan.TicksPerMicrosecond;
    }
}

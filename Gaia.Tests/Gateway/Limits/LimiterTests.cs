using Gaia.Gateway.Limits;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>Replicas that share a limit through a real Redis.</summary>
[Collection(SharedServers.Name)]
public sealed class LimiterTests(NativeServers servers)
{
    [Theory]
    [InlineData(50)]
    [InlineData(199)]
    public async Task A_small_limit_is_used_up_to_the_last_permit_and_not_beyond(int permits)
    {
        await using var replicas = await Replicas.StartAsync(servers, 3, new RateLimit(permits, TimeSpan.FromHours(1), permits));

        var results = await Task.WhenAll(Enumerable.Range(0, 600).Select(i => Task.Run(() => replicas.TakeAsync(i % 3))));

        Assert.Equal(permits, results.Count(admission => admission.IsGranted));
        Assert.All(results, admission => Assert.InRange(admission.Remaining, 0, permits - 1));
    }

    [Fact]
    public async Task Near_its_limit_a_replica_keeps_nothing_back_that_another_could_use()
    {
        await using var replicas = await Replicas.StartAsync(servers, 2, new RateLimit(50, TimeSpan.FromHours(1), 50));
        for (var i = 0; i < 7; i++)
            Assert.True((await replicas.TakeAsync(0)).IsGranted);

        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => replicas.TakeAsync(1)));

        Assert.Equal(43, results.Count(admission => admission.IsGranted));
    }

    [Fact]
    public async Task Under_a_steady_load_no_more_than_the_limit_passes_and_few_are_lost()
    {
        const int burst = 3000;
        await using var replicas = await Replicas.StartAsync(servers, 3, new RateLimit(burst, TimeSpan.FromHours(10), burst));

        var counts = await Task.WhenAll(Enumerable.Range(0, 12).Select(worker => Task.Run(async () =>
        {
            var granted = 0;
            for (var i = 0; i < 400; i++)
                granted += (await replicas.TakeAsync(worker % 3)).IsGranted ? 1 : 0;
            return granted;
        })));

        // 4800 were asked for. What a replica leased and did not need in time is lost: at most an eighth of what was left, each.
        Assert.InRange(counts.Sum(), burst - 400, burst);
    }

    [Fact]
    public async Task Far_from_the_limit_most_requests_need_no_call()
    {
        await using var replicas = await Replicas.StartAsync(servers, 1, new RateLimit(100_000, TimeSpan.FromMinutes(1), 100_000));
        var atOnce = 0;
        for (var i = 0; i < 5000; i++)
        {
            var taking = replicas.TakeAsync(0, out var completed);
            atOnce += completed ? 1 : 0;
            Assert.True((await taking).IsGranted);
        }

        Assert.InRange(atOnce, 4500, 5000);
    }

    [Fact]
    public async Task A_lease_is_not_kept_for_later()
    {
        var clock = new ShiftedClock();
        await using var replicas = await Replicas.StartAsync(servers, 1, new RateLimit(10_000, TimeSpan.FromHours(1), 10_000), clock);
        for (var i = 0; i < 500; i++)
            await replicas.TakeAsync(0);
        // One that is leased, surely, then one that was until a moment ago.
        await replicas.TakeAsync(0, out var first);
        clock.Advance(TimeSpan.FromSeconds(1));
        await replicas.TakeAsync(0, out var second);

        Assert.Equal((true, false), (first, second));
    }

    [Fact]
    public async Task A_key_and_a_token_of_one_user_share_the_users_limit()
    {
        await using var replicas = await Replicas.StartAsync(servers, 2, new RateLimit(100, TimeSpan.FromHours(1), 100));
        var keyId = $"test:{Guid.NewGuid():N}";
        var users = new[] { replicas.BucketOf(0), replicas.BucketOf(1) };
        var keys = users.Select(user => new Bucket(LimitKind.Key, keyId, new RateLimit(80, TimeSpan.FromHours(1), 80), user)).ToArray();

        var results = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
            (ByKey: i % 2 == 0, Admission: await replicas.TakeAsync(i % 4 / 2, (i % 2 == 0 ? keys : users)[i % 4 / 2])))));

        Assert.Equal(100, results.Count(result => result.Admission.IsGranted));
        Assert.InRange(results.Count(result => result.ByKey && result.Admission.IsGranted), 0, 80);
    }

    /// <summary>Several limiters with connections of their own.</summary>
    private sealed class Replicas(RateLimit limit) : IAsyncDisposable
    {
        private readonly string _id = $"test:{Guid.NewGuid():N}";
        private readonly List<(ServiceProvider Services, SharedLimits Shared, Limiter Limiter, Bucket Bucket)> _all = [];

        public Bucket BucketOf(int replica) => _all[replica].Bucket;

        public static async Task<Replicas> StartAsync(NativeServers servers, int count, RateLimit limit, TimeProvider? clock = null)
        {
            var replicas = new Replicas(limit);
            for (var i = 0; i < count; i++)
                await replicas.AddAsync(servers, clock ?? TimeProvider.System);
            return replicas;
        }

        public Task<Admission> TakeAsync(int replica) => TakeAsync(replica, _all[replica].Bucket);

        public Task<Admission> TakeAsync(int replica, Bucket bucket) => _all[replica].Limiter.TakeAsync(bucket).AsTask();

        public ValueTask<Admission> TakeAsync(int replica, out bool completed)
        {
            var taking = _all[replica].Limiter.TakeAsync(_all[replica].Bucket);
            completed = taking.IsCompleted;
            return taking;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (services, shared, _, _) in _all)
            {
                await shared.StopAsync(CancellationToken.None);
                shared.Dispose();
                await services.DisposeAsync();
            }
        }

        private async Task AddAsync(NativeServers servers, TimeProvider clock)
        {
            var services = new ServiceCollection()
                .AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"127.0.0.1:{servers.Redis.Port}"))
                .BuildServiceProvider();
            var shared = new SharedLimits(services, Options.Create(new LimitsOptions { SharedTimeout = TimeSpan.FromSeconds(5) }), clock, NullLogger<SharedLimits>.Instance);
            await shared.StartAsync(CancellationToken.None);
            await Eventually.TrueAsync(() => Task.FromResult(shared.IsUp));
            _all.Add((services, shared, new Limiter(shared, clock), new Bucket(LimitKind.User, _id, limit)));
        }
    }
}

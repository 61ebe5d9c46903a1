using System.Diagnostics;
using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>One limit over several gateways, and what happens to it without Redis.</summary>
[Collection(SharedServers.Name)]
public sealed class SharedLimitTests(LimitsFixture shared, NativeServers servers) : IClassFixture<LimitsFixture>
{
    private const string Route = "/api/v1/conversations";
    private const int Hour = 3600;

    [Fact]
    public async Task Of_200_parallel_requests_against_a_limit_of_50_per_hour_with_burst_50_exactly_50_pass_over_two_gateway_processes()
    {
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        await using var chat = await StubService.StartAsync();
        (string, string?)[] settings =
        [
            .. LimitSettings.Limit("Key", 50, Hour, 50), .. LimitSettings.Limit("User", 50, Hour, 50), ("Limits:SharedTimeout", "00:00:10"),
        ];
        var starting = new[] { SeparateProcess.GatewayAsync(servers, auth.Url, chat.Url, settings), SeparateProcess.GatewayAsync(servers, auth.Url, chat.Url, settings) };
        await using var first = await starting[0];
        await using var second = await starting[1];
        await Task.WhenAll(first.UntilLoggedAsync("Limits are shared through Redis"), second.UntilLoggedAsync("Limits are shared through Redis"));
        var key = (await auth.CreateKeyAsync()).Secret;

        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            // Both header forms, at both.
            using var answer = await (i % 2 == 0 ? first : second).Client.GetAsync(Route, i % 4 < 2 ? ("X-API-Key", key) : ("Authorization", $"Bearer {key}"));
            return answer.StatusCode;
        }));

        Assert.Equal(
            [(HttpStatusCode.OK, 50), (HttpStatusCode.TooManyRequests, 150)],
            statuses.GroupBy(status => status).Select(group => (group.Key, group.Count())).OrderBy(pair => pair.Key));
        Assert.Equal(50, chat.Requests.Count);
        foreach (var gateway in new[] { first, second })
            Assert.Equal([429], await gateway.Client.StatusesAsync(1, Route, ("X-API-Key", key)));
    }

    [Fact]
    public async Task What_one_gateway_let_pass_counts_at_the_other_unless_told_otherwise()
    {
        var limit = LimitSettings.Limit("Key", 3, Hour).ToList();
        await using var first = await shared.StartGatewayAsync(limit);
        await using var second = await shared.StartGatewayAsync(limit);
        await using var alone = await shared.StartGatewayAsync([.. limit, ("Limits:Shared", "false")]);
        var key = ("X-API-Key", shared.Authority.CreateKey());

        Assert.Equal([200, 200], await first.Client.StatusesAsync(2, Route, key));
        Assert.Equal([200, 429], await second.Client.StatusesAsync(2, Route, key));
        Assert.Equal([200, 200, 200, 429], await alone.Client.StatusesAsync(4, Route, key));
    }

    [Fact]
    public async Task No_credential_is_in_a_key_of_Redis_and_every_key_ends()
    {
        await using var gateway = await shared.StartGatewayAsync();
        var key = shared.Authority.CreateKey();
        await gateway.Client.StatusesAsync(3, Route, ("X-API-Key", key));

        var keys = (await RepositoryClone.RunAsync("redis-cli", ["-p", $"{servers.Redis.Port}", "--scan", "--pattern", "rate_limit:*"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(keys);
        Assert.DoesNotContain(keys, name => name.Contains(key, StringComparison.Ordinal));
        foreach (var name in keys)
        {
            // -2: it has ended since.
            var ttl = (await RepositoryClone.RunAsync("redis-cli", ["-p", $"{servers.Redis.Port}", "PTTL", name])).Trim();
            Assert.NotEqual("-1", ttl);
        }
    }

    [Fact]
    public async Task While_Redis_is_gone_each_gateway_limits_by_itself_at_once_and_shares_again_when_it_is_back()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 5, Hour), .. LimitSettings.Limit("User", 5, Hour)]);
        var (known, used, fresh) = (("X-API-Key", shared.Authority.CreateKey()), ("X-API-Key", shared.Authority.CreateKey()), ("X-API-Key", shared.Authority.CreateKey()));
        Assert.Equal([200, 200], await gateway.Client.StatusesAsync(2, Route, known));
        Assert.Equal([200, 200, 200, 200, 200, 429], await gateway.Client.StatusesAsync(6, Route, used));

        await servers.Redis.StopAsync();
        try
        {
            var started = Stopwatch.GetTimestamp();
            // It goes on from where it was, not anew.
            Assert.Equal([200, 200, 200, 429], await gateway.Client.StatusesAsync(4, Route, known));
            Assert.Equal([429], await gateway.Client.StatusesAsync(1, Route, used));
            Assert.Equal([200, 200, 200, 200, 200, 429], await gateway.Client.StatusesAsync(6, Route, fresh));
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        }
        finally
        {
            await servers.Redis.StartAsync();
        }

        // This Redis knows nothing of before; the gateway tells it.
        await using var other = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 5, Hour), .. LimitSettings.Limit("User", 5, Hour)]);
        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal([429], await gateway.Client.StatusesAsync(1, Route, fresh));
            var keys = await RepositoryClone.RunAsync("redis-cli", ["-p", $"{servers.Redis.Port}", "--scan", "--pattern", "rate_limit:*"]);
            return keys.Length > 0;
        });
        Assert.Equal([429], await other.Client.StatusesAsync(1, Route, fresh));
    }

    [Fact]
    public async Task A_gateway_that_starts_without_Redis_limits_by_itself_and_finds_it_later()
    {
        await servers.Redis.StopAsync();
        var limit = LimitSettings.Limit("Key", 3, Hour).ToList();
        GatewayHost? gateway = null;
        try
        {
            try
            {
                gateway = await shared.StartGatewayAsync(limit).WaitAsync(TimeSpan.FromSeconds(10));
                Assert.Equal([200, 200, 200, 429], await gateway.Client.StatusesAsync(4, Route, ("X-API-Key", shared.Authority.CreateKey())));
            }
            finally
            {
                await servers.Redis.StartAsync();
            }

            await using var other = await shared.StartGatewayAsync(limit);
            await Eventually.TrueAsync(
                async () =>
                {
                    var key = ("X-API-Key", shared.Authority.CreateKey());
                    Assert.Equal([200, 200], await gateway.Client.StatusesAsync(2, Route, key));
                    return await other.Client.StatusesAsync(2, Route, key) is [200, 429];
                },
                seconds: 20);
        }
        finally
        {
            if (gateway is not null)
                await gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task While_Redis_hangs_no_request_fails_waits_long_or_escapes_its_limit()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 40, Hour), ("Limits:SharedTimeout", "00:00:00.150")]);
        var keys = Enumerable.Range(0, 5).Select(_ => ("X-API-Key", shared.Authority.CreateKey())).ToList();
        foreach (var key in keys)
            Assert.Equal([200], await gateway.Client.StatusesAsync(1, Route, key));

        await servers.Redis.WhileHungAsync(async () =>
        {
            var longest = await Task.WhenAll(keys.Select(async key =>
            {
                var longest = TimeSpan.Zero;
                for (var i = 0; i < 45; i++)
                {
                    var started = Stopwatch.GetTimestamp();
                    var status = await gateway.Client.StatusesAsync(1, Route, key);
                    longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
                    Assert.Equal([i < 39 ? 200 : 429], status);
                }

                return longest;
            }));
            Assert.All(longest, took => Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        });

        await Eventually.TrueAsync(async () => await gateway.Client.StatusesAsync(1, Route, ("X-API-Key", shared.Authority.CreateKey())) is [200]);
    }
}

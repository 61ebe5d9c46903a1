using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using NATS.Client.Core;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>What Gaia relies on in the NATS client, against a real server; true of the package and of its stand-in.</summary>
public sealed class NatsContractTests : IDisposable
{
    private const string Password = "p:w/@1";

    private readonly LocalServer _server = LocalServer.Nats(Password);
    private readonly CancellationTokenSource _test = new(TimeSpan.FromSeconds(40));

    public void Dispose()
    {
        _server.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task A_message_arrives_with_its_bytes_and_headers()
    {
        await _server.StartAsync();
        await using var host = Connect();
        var nats = host.GetRequiredService<INatsConnection>();
        var received = await FirstAsync<byte[]>(nats, "gaia.a.>", null, () => nats.PublishAsync(
            "gaia.a.b", "gr\u00fc\u00dfe"u8.ToArray(), new NatsHeaders { ["X-One"] = "1", ["X-Two"] = "a b" }, cancellationToken: _test.Token));

        Assert.Equal("gaia.a.b", received.Subject);
        Assert.Equal("gr\u00fc\u00dfe", Encoding.UTF8.GetString(received.Data!));
        Assert.Equal("1", received.Headers!["x-one"]);
        Assert.Equal("a b", received.Headers["X-Two"]);
    }

    [Fact]
    public async Task Text_and_memory_are_messages_too()
    {
        await _server.StartAsync();
        await using var host = Connect();
        var nats = host.GetRequiredService<INatsConnection>();

        Assert.Equal("hello", (await FirstAsync<string>(nats, "gaia.text", null, () => nats.PublishAsync("gaia.text", "hello", cancellationToken: _test.Token))).Data);
        Assert.Equal([1, 2], (await FirstAsync<ReadOnlyMemory<byte>>(
            nats, "gaia.memory", null, () => nats.PublishAsync("gaia.memory", new ReadOnlyMemory<byte>([1, 2]), cancellationToken: _test.Token))).Data.ToArray());
    }

    [Fact]
    public async Task A_queue_group_hands_each_message_to_one_member()
    {
        await _server.StartAsync();
        await using var first = Connect();
        await using var second = Connect();
        await using var sender = Connect();
        var all = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test.Token);
        Task[] members = [CollectAsync(first), CollectAsync(second)];
        var nats = sender.GetRequiredService<INatsConnection>();
        await UntilAsync(async () =>
        {
            await nats.PublishAsync("gaia.work", "probe", cancellationToken: _test.Token);
            return all.Count(text => text == "probe") >= 20;
        });
        for (var i = 0; i < 100; i++)
        {
            await nats.PublishAsync("gaia.work", $"{i}", cancellationToken: _test.Token);
        }

        await UntilAsync(() => ValueTask.FromResult(all.Count(text => text != "probe") >= 100));
        await Task.Delay(200, _test.Token);
        await stop.CancelAsync();

        // Cancelling ends the enumeration; it does not throw.
        await Task.WhenAll(members);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}").Order(), all.Where(text => text != "probe").Order());

        async Task CollectAsync(ServiceProvider host)
        {
            await foreach (var message in host.GetRequiredService<INatsConnection>().SubscribeAsync<string>("gaia.work", queueGroup: "workers", cancellationToken: stop.Token))
            {
                all.Add(message.Data!);
            }
        }
    }

    [Fact]
    public async Task A_request_gets_its_answer_or_says_that_there_is_none()
    {
        await _server.StartAsync();
        await using var host = Connect();
        var nats = host.GetRequiredService<INatsConnection>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test.Token);
        var responder = Task.Run(async () =>
        {
            await foreach (var message in nats.SubscribeAsync<string>("gaia.ask.*", cancellationToken: stop.Token))
            {
                if (message.Subject == "gaia.ask.me")
                {
                    await message.ReplyAsync($"{message.Data}!", cancellationToken: stop.Token);
                }
            }
        });

        string? answer = null;
        await UntilAsync(async () =>
        {
            try
            {
                answer = (await nats.RequestAsync<string, string>("gaia.ask.me", "you", cancellationToken: _test.Token)).Data;
                return true;
            }
            catch (NatsNoRespondersException)
            {
                return false;
            }
        });
        Assert.Equal("you!", answer);
        await Assert.ThrowsAsync<NatsNoRespondersException>(async () => await nats.RequestAsync<string, string>("gaia.nobody", "x", cancellationToken: _test.Token));
        await Assert.ThrowsAsync<NatsNoReplyException>(async () => await nats.RequestAsync<string, string>(
            "gaia.ask.silent", "x", replyOpts: new NatsSubOpts { Timeout = TimeSpan.FromMilliseconds(300) }, cancellationToken: _test.Token));
        await stop.CancelAsync();
        await responder;
    }

    [Fact]
    public async Task A_subscription_outlives_the_server()
    {
        await _server.StartAsync();
        await using var host = Connect();
        var nats = host.GetRequiredService<INatsConnection>();
        var disconnected = new TaskCompletionSource();
        nats.ConnectionDisconnected += (_, _) =>
        {
            disconnected.TrySetResult();
            return default;
        };
        var received = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test.Token);
        var subscriber = Task.Run(async () =>
        {
            await foreach (var message in nats.SubscribeAsync<string>("gaia.news", cancellationToken: stop.Token))
            {
                received.Enqueue(message.Data!);
            }
        });
        await PublishUntilReceivedAsync("before");

        await _server.KillAsync();
        await disconnected.Task.WaitAsync(_test.Token);
        await UntilAsync(() => ValueTask.FromResult(nats.ConnectionState == NatsConnectionState.Reconnecting));

        // A publish waits for the server, and no longer than its token.
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await nats.PublishAsync("gaia.news", "lost", cancellationToken: patience.Token));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5));

        await _server.StartAsync();
        await PublishUntilReceivedAsync("after");
        Assert.Equal(NatsConnectionState.Open, nats.ConnectionState);
        await stop.CancelAsync();
        await subscriber;

        Task PublishUntilReceivedAsync(string text) => UntilAsync(async () =>
        {
            await nats.PublishAsync("gaia.news", text, cancellationToken: _test.Token);
            return received.Contains(text);
        });
    }

    [Fact]
    public async Task A_publish_in_an_outage_gives_up_by_itself_when_told_to()
    {
        await _server.StartAsync();
        await using var host = Connect(options => options with { PublishTimeoutOnDisconnected = true, CommandTimeout = TimeSpan.FromMilliseconds(400) });
        var nats = host.GetRequiredService<INatsConnection>();
        await nats.ConnectAsync();
        await _server.KillAsync();
        await UntilAsync(() => ValueTask.FromResult(nats.ConnectionState == NatsConnectionState.Reconnecting));

        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await nats.PublishAsync("gaia.x", "y", cancellationToken: _test.Token));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Without_a_server_the_first_connect_fails_or_waits_as_it_was_told_to()
    {
        await using var impatient = Connect();
        var nats = impatient.GetRequiredService<INatsConnection>();
        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<NatsException>(async () => await nats.ConnectAsync());
        await Assert.ThrowsAsync<NatsException>(async () => await nats.PublishAsync("gaia.x", "y", cancellationToken: _test.Token));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.Equal(NatsConnectionState.Closed, nats.ConnectionState);

        await using var patient = Connect(options => options with { RetryOnInitialConnect = true });
        var waiting = patient.GetRequiredService<INatsConnection>().ConnectAsync().AsTask();
        await Task.Delay(300, _test.Token);
        Assert.False(waiting.IsCompleted);
        await _server.StartAsync();
        await waiting.WaitAsync(_test.Token);

        // The other one starts anew when asked.
        await nats.ConnectAsync();
        Assert.True(await nats.PingAsync(_test.Token) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_wrong_password_is_an_error_and_not_a_hang()
    {
        await _server.StartAsync();
        await using var host = Connect(password: "wrong");
        await Assert.ThrowsAnyAsync<NatsException>(async () => await host.GetRequiredService<INatsConnection>().ConnectAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task What_cannot_be_sent_is_refused()
    {
        await _server.StartAsync();
        await using var host = Connect();
        var nats = host.GetRequiredService<INatsConnection>();
        await nats.ConnectAsync();
        await Assert.ThrowsAsync<NatsPayloadTooLargeException>(async () => await nats.PublishAsync("gaia.big", new byte[2_000_000], cancellationToken: _test.Token));
        await Assert.ThrowsAnyAsync<NatsException>(async () => await nats.PublishAsync("gaia. PUB", "x", cancellationToken: _test.Token));
        await Assert.ThrowsAnyAsync<NatsException>(async () => await nats.PublishAsync("gaia.x", "x", new NatsHeaders { ["X-Evil"] = "a\r\nX-Other: b" }, cancellationToken: _test.Token));
        var headers = new NatsHeaders { ["X-One"] = "1" };
        await nats.PublishAsync("gaia.x", "x", headers, cancellationToken: _test.Token);
        Assert.Throws<InvalidOperationException>(() => headers["X-One"] = "2");
        Assert.Equal(NatsConnectionState.Open, nats.ConnectionState);
    }

    [Fact]
    public async Task A_trace_goes_on_at_the_receiver()
    {
        using var source = new ActivitySource(nameof(NatsContractTests));
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => candidate.Name is "NATS.Net" or nameof(NatsContractTests),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await _server.StartAsync();
        await using var host = Connect();
        var nats = host.GetRequiredService<INatsConnection>();
        using var root = source.StartActivity("root");
        var message = await FirstAsync<string>(nats, "gaia.traced", null, async () =>
        {
            Activity.Current = root;
            await nats.PublishAsync("gaia.traced", "x", cancellationToken: _test.Token);
        });

        Assert.StartsWith($"00-{root!.TraceId}-", message.Headers!["traceparent"].ToString(), StringComparison.Ordinal);
        using var handling = message.StartActivity("handle");
        Assert.Equal(root.TraceId, handling!.TraceId);
    }

    [Fact]
    public async Task Its_health_check_tells_whether_the_server_is_there()
    {
        await using var host = Connect();
        var health = host.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(_test.Token)).Entries["NATS"].Status);
        await _server.StartAsync();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(_test.Token)).Entries["NATS"].Status);
    }

    private ServiceProvider Connect(Func<NatsOpts, NatsOpts>? configure = null, string password = Password)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("ConnectionStrings:nats", $"nats://nats:{Uri.EscapeDataString(password)}@127.0.0.1:{_server.Port}")]);
        builder.AddNatsClient("nats", options =>
        {
            options = options with { ReconnectWaitMin = TimeSpan.FromMilliseconds(100), ReconnectWaitMax = TimeSpan.FromMilliseconds(400) };
            return configure is null ? options : configure(options);
        });
        builder.Services.AddLogging();
        return builder.Services.BuildServiceProvider();
    }

    /// <summary>The first message, sent again until the subscription was there in time.</summary>
    private async Task<NatsMsg<T>> FirstAsync<T>(INatsConnection nats, string subject, string? queueGroup, Func<ValueTask> publish)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_test.Token);
        var first = new TaskCompletionSource<NatsMsg<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscriber = Task.Run(async () =>
        {
            await foreach (var message in nats.SubscribeAsync<T>(subject, queueGroup, cancellationToken: stop.Token))
            {
                first.TrySetResult(message);
            }
        });
        await UntilAsync(async () =>
        {
            await publish();
            return first.Task.IsCompleted;
        });
        await stop.CancelAsync();
        await subscriber;
        return await first.Task;
    }

    private async Task UntilAsync(Func<ValueTask<bool>> reached)
    {
        while (!await reached())
        {
            await Task.Delay(25, _test.Token);
        }
    }
}

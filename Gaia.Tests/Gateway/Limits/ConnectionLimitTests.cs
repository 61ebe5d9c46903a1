using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>What a single connection may ask of the gateway: sizes, speed, and whose word is taken for an address.</summary>
[Collection(SharedServers.Name)]
public sealed class ConnectionLimitTests(LimitsFixture shared) : IClassFixture<LimitsFixture>
{
    private const string Route = "/api/v1/conversations";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: gateway\r\nX-Long: {0}\r\n\r\n", 5000, 431)]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: gateway\r\n\r\n", 3000, 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: gateway\r\n{0}\r\n", -30, 431)]
    [InlineData("GET / HTTP/1.1\r\nHost: gateway\r\nX-Long: {0}\r\n\r\n", 1000, 200)]
    public async Task Headers_that_are_too_large_or_too_many_are_refused(string request, int size, int expected)
    {
        await using var gateway = await shared.StartGatewayAsync(("Edge:MaxRequestLineBytes", "2048"), ("Edge:MaxRequestHeaderBytes", "4096"), ("Edge:MaxRequestHeaders", "20"));
        var filling = size > 0 ? new string('a', size) : string.Concat(Enumerable.Range(0, -size).Select(i => $"X-Header-{i}: 1\r\n"));

        using var client = await ConnectAsync(gateway);
        await SendAsync(client, string.Format(null, request, filling));

        Assert.StartsWith($"HTTP/1.1 {expected} ", await ReadAsync(client, TimeSpan.FromSeconds(10)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_sends_its_headers_slowly_is_cut_off()
    {
        await using var gateway = await shared.StartGatewayAsync(("Edge:RequestHeadersTimeout", "00:00:01"));
        using var client = await ConnectAsync(gateway);
        await SendAsync(client, "GET / HTTP/1.1\r\nHost: gateway\r\nX-Slow: ");

        var (answer, took) = await DripUntilClosedAsync(client);

        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
        Assert.InRange(took, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_client_that_sends_its_body_slowly_is_cut_off()
    {
        await using var gateway = await shared.StartGatewayAsync(("Edge:SlowClientGrace", "00:00:02"), ("Edge:MinBytesPerSecond", "1000"));
        // As the body is relayed, whatever arrives is read.
        shared.Chat.Answer = context => context.Request.Body.CopyToAsync(System.IO.Stream.Null, context.RequestAborted);
        try
        {
            using var client = await ConnectAsync(gateway);
            await SendAsync(client, $"POST /api/v1/chat HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\nX-API-Key: {shared.Authority.CreateKey()}\r\n\r\n{{");

            var (answer, took) = await DripUntilClosedAsync(client);

            Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
            Assert.InRange(took, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
        }
        finally
        {
            shared.Chat.Reply(200, "{}");
        }
    }

    [Fact]
    public async Task An_idle_connection_is_closed_and_a_stream_that_says_nothing_is_not()
    {
        await using var gateway = await shared.StartGatewayAsync(
            ("Edge:KeepAliveTimeout", "00:00:01"), ("Edge:RequestHeadersTimeout", "00:00:01"), ("Edge:SlowClientGrace", "00:00:02"));
        shared.Chat.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            await context.Response.WriteAsync("data: first\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(4), context.RequestAborted);
            await context.Response.WriteAsync("data: second\n\n");
        };
        try
        {
            using var client = await ConnectAsync(gateway);
            await SendAsync(client, $"POST /api/v1/chat HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 2\r\nX-API-Key: {shared.Authority.CreateKey()}\r\n\r\n{{}}");
            var (answer, took) = await DripUntilClosedAsync(client, drip: false);

            Assert.Contains("data: second", answer, StringComparison.Ordinal);
            Assert.InRange(took, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(20));
        }
        finally
        {
            shared.Chat.Reply(200, "{}");
        }
    }

    [Fact]
    public async Task Only_a_known_proxy_may_say_for_whom_it_asks_and_the_service_hears_it()
    {
        var limit = LimitSettings.Limit("Anonymous", 2, 3600).ToList();
        await using (var alone = await shared.StartGatewayAsync([.. limit, ("Limits:Shared", "false")]))
        {
            // A client that invents an address for every request gets no further than one that does not.
            for (var i = 0; i < 4; i++)
                Assert.Equal([i < 2 ? 200 : 429], await alone.Client.StatusesAsync(1, "/", ("X-Forwarded-For", $"198.51.100.{i}")));
        }

        await using var behind = await shared.StartGatewayAsync([.. limit, ("Limits:Shared", "false"), ("Edge:TrustedProxies", "10.0.0.0/8, 127.0.0.1")]);
        foreach (var client in new[] { "198.51.100.1", "198.51.100.2" })
        {
            Assert.Equal([200, 200], await behind.Client.StatusesAsync(2, "/", ("X-Forwarded-For", client)));
            // What stands before the address that the proxies saw is the client's own invention.
            Assert.Equal([429], await behind.Client.StatusesAsync(1, "/", ("X-Forwarded-For", $"192.0.2.9, {client}, 10.1.2.3")));
        }

        var before = shared.Chat.Requests.Count;
        await behind.Client.StatusesAsync(1, Route, ("X-Forwarded-For", "192.0.2.9, 198.51.100.7"), ("X-API-Key", shared.Authority.CreateKey()));
        Assert.Equal("198.51.100.7", Assert.Single(shared.Chat.Requests.Skip(before)).Headers["X-Forwarded-For"]);
    }

    [Fact]
    public async Task All_addresses_of_an_IPv6_network_count_as_one()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Anonymous", 3, 3600), ("Limits:Shared", "false"), ("Edge:TrustedProxies", "127.0.0.1")]);

        foreach (var (client, expected) in new[]
        {
            ("2001:db8:1:2::1", 200), ("2001:db8:1:2:ffff::1", 200), ("2001:db8:1:2::1", 200), ("2001:db8:1:2:8:8:8:8", 429), ("2001:db8:1:3::1", 200),
            ("::ffff:198.51.100.1", 200), ("198.51.100.1", 200), ("::ffff:198.51.100.1", 200), ("198.51.100.1", 429), ("::ffff:198.51.100.2", 200),
        })
            Assert.Equal([expected], await gateway.Client.StatusesAsync(1, "/", ("X-Forwarded-For", client)));
    }

    private static async Task<TcpClient> ConnectAsync(GatewayHost gateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port);
        return client;
    }

    private static Task SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    /// <summary>The first piece of an answer.</summary>
    private static async Task<string> ReadAsync(TcpClient client, TimeSpan limit)
    {
        var buffer = new byte[4096];
        var length = await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(limit);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>Sends a byte now and then, and reads, until the connection is closed from the other side.</summary>
    private static async Task<(string Answer, TimeSpan Took)> DripUntilClosedAsync(TcpClient client, bool drip = true)
    {
        var started = Stopwatch.GetTimestamp();
        using var ended = new CancellationTokenSource();
        var sending = drip ? SendSlowlyAsync(client, ended.Token) : Task.CompletedTask;
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(20)) is var length and > 0)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }
        catch (IOException)
        {
            // Cut off, rather than closed.
        }

        var took = Stopwatch.GetElapsedTime(started);
        await ended.CancelAsync();
        await sending;
        return (answer.ToString(), took);
    }

    private static async Task SendSlowlyAsync(TcpClient client, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await client.GetStream().WriteAsync("a"u8.ToArray(), cancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The end that is waited for.
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>How many streams a user may have open.</summary>
[Collection(SharedServers.Name)]
public sealed class StreamLimitTests(LimitsFixture shared) : IClassFixture<LimitsFixture>, IDisposable
{
    private const string Stream = "/api/v1/chat/stream";
    private const string NoStream = "/api/v1/conversations";

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task A_user_has_so_many_streams_open_and_no_more_by_whatever_credential()
    {
        shared.Chat.Answer = StreamAsync;
        await using var gateway = await shared.StartGatewayAsync(("Limits:StreamsPerUser", "2"));
        var user = Guid.NewGuid();
        var (key, token) = (shared.Authority.CreateKey(user), shared.Authority.CreateJwt(user));
        using var first = await OpenAsync(gateway, key);
        using var second = await OpenAsync(gateway, token);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));

        foreach (var credential in new[] { key, token })
        {
            using var third = await OpenAsync(gateway, credential);
            Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
            Assert.NotNull(third.Headers.RetryAfter);
            var body = await third.Content.ReadAsStringAsync();
            Assert.Contains("\"error\":\"Too many open streams: at most 2 at once. Close one first\"", body, StringComparison.Ordinal);
            Assert.Contains("\"detail\":", body, StringComparison.Ordinal);
        }

        using var others = await OpenAsync(gateway, shared.Authority.CreateKey());
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);
        shared.Chat.Reply(200, "{}");
        Assert.Equal([200], await gateway.Client.StatusesAsync(1, NoStream, ("X-API-Key", key)));

        // A place is free again when a stream ends, and when its client leaves.
        shared.Chat.Answer = StreamAsync;
        first.Dispose();
        await UntilOpenAsync(gateway, key);
        _end.SetResult();
        await second.Content.ReadAsStringAsync();
        shared.Chat.Reply(200, "{}");
        await Eventually.TrueAsync(async () => await gateway.Client.StatusesAsync(1, Stream, ("X-API-Key", key)) is [200]);
    }

    [Fact]
    public async Task Streams_that_fail_give_their_places_back()
    {
        await using var gateway = await shared.StartGatewayAsync(("Limits:StreamsPerUser", "2"));
        var key = shared.Authority.CreateKey();
        shared.Chat.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Assert.All(await gateway.Client.StatusesAsync(6, Stream, ("X-API-Key", key)), status => Assert.Equal(503, status));

        shared.Chat.Reply(200, "{}");
        Assert.Equal([200], await gateway.Client.StatusesAsync(1, Stream, ("X-API-Key", key)));
    }

    [Fact]
    public async Task A_WebSocket_is_a_stream_on_any_route()
    {
        await using var gateway = await shared.StartGatewayAsync(("Limits:StreamsPerUser", "1"));
        var key = shared.Authority.CreateKey();
        shared.Chat.Answer = StreamAsync;
        using var open = await OpenAsync(gateway, key);

        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-API-Key", key);
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(gateway.Client.BaseAddress!) { Scheme = "ws", Path = NoStream }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, CancellationToken.None));

        Assert.Equal(HttpStatusCode.TooManyRequests, socket.HttpStatusCode);
    }

    public void Dispose()
    {
        _end.TrySetResult();
        shared.Chat.Reply(200, "{}");
    }

    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("data: begun\n\n"));
        await context.Response.Body.FlushAsync();
        await Task.WhenAny(_end.Task, Task.Delay(Timeout.Infinite, context.RequestAborted));
    }

    private static async Task UntilOpenAsync(GatewayHost gateway, string credential) => await Eventually.TrueAsync(async () =>
    {
        using var answer = await OpenAsync(gateway, credential);
        return answer.StatusCode == HttpStatusCode.OK;
    });

    private static async Task<HttpResponseMessage> OpenAsync(GatewayHost gateway, string credential)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Stream)
        {
            Content = new StringContent("{}", new MediaTypeHeaderValue("application/json")),
            Headers = { { "X-API-Key", credential } },
        };
        return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}

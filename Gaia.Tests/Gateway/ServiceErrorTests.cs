using System.Diagnostics;
using System.Net;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Gateway;

/// <summary>What a client sees of a service that fails, is not there, or does not answer.</summary>
[Collection(SharedServers.Name)]
public sealed class ServiceErrorTests(GatewayFixture shared) : IClassFixture<GatewayFixture>
{
    private const string Unavailable = """{"detail":"Service chat unavailable"}""";

    private readonly StubService _chat = shared.Chat;

    [Theory]
    [InlineData(400, """{"detail":"No"}""", """{"detail":"Service error: {\"detail\":\"No\"}"}""")]
    [InlineData(422, """{"detail":[{"type":"missing"}]}""", """{"detail":"Service error: {\"detail\":[{\"type\":\"missing\"}]}"}""")]
    [InlineData(500, "it broke", """{"detail":"Service error: it broke"}""")]
    [InlineData(401, """{"detail":"No"}""", """{"detail":"Service error: {\"detail\":\"No\"}"}""")]
    [InlineData(403, """{"detail":"No"}""", """{"detail":"Service error: {\"detail\":\"No\"}"}""")]
    [InlineData(415, """{"detail":"Send JSON"}""", """{"detail":"Service error: {\"detail\":\"Send JSON\"}"}""")]
    [InlineData(502, "{broken", """{"detail":"Service error: {broken"}""")]
    [InlineData(503, "", """{"detail":"Service error: "}""")]
    public async Task An_error_of_a_service_is_wrapped(int status, string body, string expected)
    {
        _chat.Reply(status, body);

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Post, "/api/v1/chat");

        Assert.Equal((status, expected), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(404, """{"detail":"Conversation 7 not found"}""")]
    [InlineData(405, """{"detail":"Method Not Allowed"}""")]
    public async Task What_is_not_there_keeps_the_services_body(int status, string body)
    {
        _chat.Reply(status, body);

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations/7");

        Assert.Equal((status, body), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_limit_of_a_service_passes_as_it_is_with_the_time_to_wait()
    {
        const string body = """{"error":"Rate limit exceeded: 5 per 1 minute","detail":"Rate limit exceeded"}""";
        _chat.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body);
        };

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Post, "/api/v1/chat");

        Assert.Equal((HttpStatusCode.TooManyRequests, "7", body), (answer.StatusCode, answer.Header("Retry-After"), await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task No_content_passes_empty()
    {
        _chat.Answer = static context =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        };

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Delete, "/api/v1/conversations/7");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Null(answer.Content.Headers.ContentType);
    }

    [Fact]
    public async Task Success_passes_as_it_came_unread()
    {
        _chat.Reply(200, """{"broken": """);

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations");

        Assert.Equal((HttpStatusCode.OK, """{"broken": """), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task An_error_body_that_never_ends_is_cut()
    {
        _chat.Answer = static async context =>
        {
            context.Response.StatusCode = 500;
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string('x', 8192), context.RequestAborted);
        };

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations");

        Assert.Equal(500, (int)answer.StatusCode);
        Assert.InRange((await answer.Content.ReadAsStringAsync()).Length, 1000, 70_000);
    }

    [Fact]
    public async Task An_error_is_readable_whatever_encoding_the_client_accepts()
    {
        _chat.Reply(400, """{"detail":"No"}""");

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations", ("Accept-Encoding", "gzip, br"));

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.DoesNotContain("Accept-Encoding", _chat.Requests[^1].Headers.Keys);
    }

    [Fact]
    public async Task A_service_whose_address_nobody_gave_is_not_looked_for()
    {
        await using var gateway = await shared.StartGatewayAsync("http://127.0.0.1:9", ("Services:chat:http:0", null));

        using var answer = await gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"detail":"Service chat not available"}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("GET", "/api/v1/conversations")]
    [InlineData("POST", "/api/v1/chat")]
    public async Task A_service_that_is_not_there_is_503(string method, string path)
    {
        await using var gateway = await shared.StartGatewayAsync($"http://127.0.0.1:{NativeServer.FreePort()}");

        using var answer = await gateway.AskAsync(new HttpMethod(method), path);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, Unavailable), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_service_that_never_answers_is_503_after_the_limit_of_its_route()
    {
        await using var gateway = await shared.StartGatewayAsync(_chat.Url, ("Edge:RequestTimeoutSeconds", "1"), ("Edge:AnswerTimeoutSeconds", "3"));
        // The first use of a credential takes its time, too.
        _chat.Reply(200, "{}");
        (await gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations")).Dispose();
        _chat.Hang();

        var took = await Task.WhenAll(TimeAsync(HttpMethod.Get, "/api/v1/conversations"), TimeAsync(HttpMethod.Post, "/api/v1/chat"));

        Assert.InRange(took[0].TotalSeconds, 0.9, 2.5);
        Assert.InRange(took[1].TotalSeconds, 2.9, 4.5);

        async Task<TimeSpan> TimeAsync(HttpMethod method, string path)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await gateway.AskAsync(method, path).WaitAsync(TimeSpan.FromSeconds(10));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, Unavailable), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
            return Stopwatch.GetElapsedTime(started);
        }
    }

    [Fact]
    public async Task A_stream_that_has_begun_is_not_cut_by_the_limit()
    {
        await using var gateway = await shared.StartGatewayAsync(_chat.Url, ("Edge:RequestTimeoutSeconds", "1"), ("Edge:AnswerTimeoutSeconds", "1"));
        _chat.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            for (var part = 1; part <= 4; part++)
            {
                await context.Response.WriteAsync($"data: {part}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromSeconds(0.6), context.RequestAborted);
            }
        };

        using var answer = await gateway.AskAsync(HttpMethod.Post, "/api/v1/chat");
        var events = await ServerSentEvents.ReadAsync(answer);

        Assert.Equal(["1", "2", "3", "4"], events.Select(item => item.Data));
        Assert.True(events[3].ArrivedAt - events[0].ArrivedAt > TimeSpan.FromSeconds(1.5), "the events came together");
    }
}

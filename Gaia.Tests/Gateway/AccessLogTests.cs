using System.Text;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Gateway;

/// <summary>Request ids, and the line that the gateway logs about each request.</summary>
[Collection(SharedServers.Name)]
public sealed class AccessLogTests(MannersFixture shared) : IClassFixture<MannersFixture>
{
    private const string Category = "Gaia.Gateway.Edge.AccessLogMiddleware: ";

    [Fact]
    public async Task A_request_is_one_line_with_who_what_and_how_long()
    {
        shared.Chat.Reply(200, """{"conversations":[]}""");
        var key = await shared.Auth.CreateKeyAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations/7?limit=5");
        request.Headers.Add("X-API-Key", key.Secret);
        request.Headers.Add("X-Request-ID", "line-1");
        request.Headers.TryAddWithoutValidation("User-Agent", "GaiaUnity/1.4.2 (a comment) UnityPlayer/2023.2");
        (await shared.Gateway.Client.SendAsync(request)).Dispose();

        var line = await LineAsync("line-1");
        Assert.Matches(
            $$"""^GET /api/v1/conversations/\{\*\*rest\} /api/v1/conversations/7 200 in [\d.]+ ms, 20 bytes, user {{key.Row.UserId}} key {{key.Row.Id}} from 127\.0\.0\.1 request line-1 by GaiaUnity/1\.4\.2 UnityPlayer/2023\.2""",
            line);
    }

    [Theory]
    [InlineData(401, "GET /api/v1/conversations/{**rest} /api/v1/conversations 401")]
    [InlineData(404, "GET - /no/such/path 404")]
    [InlineData(405, "POST - /health 405")]
    [InlineData(413, "POST /api/v1/chat/{**rest} /api/v1/chat 413")]
    [InlineData(500, "GET /test/fails /test/fails 500")]
    [InlineData(503, "GET /test/away/{**rest} /test/away/x 503")]
    public async Task A_refusal_or_failure_is_logged_with_the_status_that_the_client_saw(int status, string expected)
    {
        var id = $"failed-{status}";
        using var answer = await shared.AskForAsync(status, ("X-Request-ID", id));

        var line = await LineAsync(id);
        Assert.StartsWith(expected, line, StringComparison.Ordinal);
        Assert.Contains($", {(await answer.Content.ReadAsByteArrayAsync()).Length} bytes,", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/shared/a-secret-link", "/api/v1/shared/... 200")]
    [InlineData("/api/v1/conversations/search/a-secret-word", "/api/v1/conversations/search/... 401")]
    public async Task A_line_has_neither_links_nor_what_was_searched_for(string path, string expected)
    {
        shared.Chat.Reply(200, "{}");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        var id = $"secret-{expected.Length}";
        request.Headers.Add("X-Request-ID", id);
        (await shared.Gateway.Client.SendAsync(request)).Dispose();

        var line = await LineAsync(id);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_counted_to_its_end()
    {
        shared.Chat.Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            for (var part = 0; part < 3; part++)
            {
                await context.Response.WriteAsync("data: 12\n\n");
                await context.Response.Body.FlushAsync();
            }
        };
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Post, "/api/v1/chat", ("X-Request-ID", "stream-1"));
        await answer.Content.ReadAsStringAsync();

        Assert.Contains(" 200 in ", await LineAsync("stream-1"), StringComparison.Ordinal);
        Assert.Contains(", 30 bytes, ", await LineAsync("stream-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_a_client_sends_as_a_secret_is_logged()
    {
        const string canary = "canary5f2e81";
        shared.Chat.Reply(500, $$"""{"detail":"{{canary}}"}""");
        foreach (var path in new[] { "/api/v1/conversations", "/health", "/no/such/path", "/test/fails", "/test/away", "/openapi.json", "/docs" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}?token={canary}&{canary}=1");
            foreach (var name in new[] { "Authorization", "Cookie", "Referer", "X-Forwarded-For", "X-Service-Token", "X-Anything", "Origin", "Accept", "User-Agent", "Idempotency-Key" })
                request.Headers.TryAddWithoutValidation(name, name == "Authorization" ? $"Bearer {canary}" : canary);
            request.Headers.TryAddWithoutValidation("X-API-Key", path.StartsWith("/api", StringComparison.Ordinal) ? AuthHost.DevelopmentKey : canary);
            request.Headers.TryAddWithoutValidation("X-Request-ID", $"{canary} {canary}");
            request.Content = new StringContent($$"""{"message":"{{canary}}"}""", Encoding.UTF8, "application/json");
            (await shared.Gateway.Client.SendAsync(request)).Dispose();
        }

        using var last = await shared.AskForAsync(200, ("X-Request-ID", "after-canaries"));
        await LineAsync("after-canaries");
        Assert.DoesNotContain(shared.Log.Lines, line => line.Contains(canary, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_path_cannot_begin_a_line_of_its_own()
    {
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/no%0AGET%20/forged%1B[31m/" + new string('x', 1000), ("X-Request-ID", "forged-1"));

        var line = await LineAsync("forged-1");
        Assert.StartsWith("GET - /no%0AGET%20/forged%1B", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.InRange(line.Length, 100, 500);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_request_id_comes_back_on_every_answer(int status)
    {
        using var answer = await shared.AskForAsync(status, ("X-Request-ID", "mine_1.2-3"));

        Assert.Equal("mine_1.2-3", answer.Header("X-Request-ID"));
    }

    [Fact]
    public async Task A_service_gets_the_request_id_and_a_stream_carries_it()
    {
        shared.Chat.Answer = context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            context.Response.Headers["X-Request-ID"] = "the services own";
            return context.Response.WriteAsync("data: 1\n\n");
        };
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Post, "/api/v1/chat", ("X-Request-ID", "mine-2"));

        Assert.Equal(("mine-2", "mine-2"), (answer.Header("X-Request-ID"), shared.Chat.Requests[^1].Headers["X-Request-ID"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("<script>")]
    [InlineData("a;b=c")]
    [InlineData("${jndi:ldap://x}")]
    [InlineData("\u001b[31m")]
    [InlineData("too long")]
    public async Task A_hostile_request_id_is_replaced(string value)
    {
        shared.Chat.Reply(200, "{}");
        using var answer = await shared.Gateway.AskAsync(
            HttpMethod.Get, "/api/v1/conversations", ("X-Request-ID", value == "too long" ? new string('a', 129) : value));

        Assert.Matches("^[0-9a-f]{32}$", answer.Header("X-Request-ID"));
        Assert.Equal(answer.Header("X-Request-ID"), shared.Chat.Requests[^1].Headers["X-Request-ID"]);
    }

    /// <summary>The line of the request with this id, which is written after the client has its answer.</summary>
    private async Task<string> LineAsync(string requestId)
    {
        string? line = null;
        await Eventually.TrueAsync(() =>
        {
            var lines = shared.Log.Lines.Where(text => text.StartsWith(Category, StringComparison.Ordinal) && Regex.IsMatch(text, $" request {Regex.Escape(requestId)} by ")).ToList();
            Assert.True(lines.Count <= 1, string.Join('\n', lines));
            line = lines.SingleOrDefault();
            return Task.FromResult(line is not null);
        });
        return line![Category.Length..].TrimEnd();
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>Trailing slashes, HEAD, OPTIONS and methods that a path does not have.</summary>
[Collection(SharedServers.Name)]
public sealed class MethodTests(MannersFixture shared) : IClassFixture<MannersFixture>
{
    private readonly StubService _chat = shared.Chat;

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/")]
    [InlineData("/alive/")]
    [InlineData("/api/v1/conversations")]
    [InlineData("/api/v1/conversations/")]
    [InlineData("/api/v1/conversations/7/messages/")]
    [InlineData("/api/v1/chat/")]
    public async Task A_path_answers_with_and_without_a_slash_at_its_end(string path)
    {
        _chat.Reply(200, "{}");
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task HEAD_answers_as_GET_without_the_body(string path)
    {
        var answer = await SendRawAsync($"HEAD {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_reaches_a_service_as_HEAD_and_brings_back_its_headers()
    {
        _chat.Answer = context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = 1234;
            return Task.CompletedTask;
        };
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Head, "/api/v1/conversations/7");

        Assert.Equal((HttpStatusCode.OK, 1234L), (answer.StatusCode, answer.Content.Headers.ContentLength));
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("HEAD", _chat.Requests[^1].Method);
    }

    [Fact]
    public async Task HEAD_needs_the_credential_that_GET_needs()
    {
        using var answer = await shared.Gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/v1/conversations"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("/health", "GET, HEAD, OPTIONS")]
    [InlineData("/", "GET, HEAD, OPTIONS")]
    [InlineData("/api/v1/conversations", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]
    public async Task OPTIONS_without_an_origin_names_the_methods_and_asks_no_service(string path, string methods)
    {
        var before = _chat.Requests.Count;
        using var answer = await shared.Gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, path));

        Assert.Equal((HttpStatusCode.NoContent, methods), (answer.StatusCode, answer.Header("Allow")));
        Assert.Equal(before, _chat.Requests.Count);
    }

    [Theory]
    [InlineData("POST", "/health")]
    [InlineData("DELETE", "/")]
    public async Task A_method_that_a_path_does_not_have_is_405(string method, string path)
    {
        using var answer = await shared.Gateway.AskAsync(new HttpMethod(method), path);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, """{"detail":"Method Not Allowed"}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("GET, HEAD, OPTIONS", answer.Header("Allow"));
    }

    [Theory]
    [InlineData("/no/such/path")]
    [InlineData("/internal/validate")]
    [InlineData("/internal/openapi.json")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/api/v9/chat")]
    public async Task An_unknown_path_is_404_in_JSON(string path)
    {
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, path);

        Assert.Equal((HttpStatusCode.NotFound, """{"detail":"Not Found"}"""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_service_does_the_same()
    {
        using var client = new HttpClient { BaseAddress = new Uri(shared.Auth.Url) };
        using var slash = await client.GetAsync("/health/");
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/.well-known/jwks.json"));
        using var options = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/health"));
        using var wrong = await client.PostAsync("/health", null);
        using var unknown = await client.GetAsync("/no/such/path");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NoContent], [slash.StatusCode, head.StatusCode, options.StatusCode]);
        Assert.Equal("""{"detail":"Method Not Allowed"}""", await wrong.Content.ReadAsStringAsync());
        Assert.Equal("""{"detail":"Not Found"}""", await unknown.Content.ReadAsStringAsync());
        Assert.All([slash, wrong, unknown], answer => Assert.Null(answer.Header("Server")));
    }

    private async Task<string> SendRawAsync(string request)
    {
        var url = new Uri(shared.Gateway.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(limit.Token);
    }
}

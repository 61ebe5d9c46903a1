using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.Tests.Gateway;

/// <summary>What holds for every request from outside: origins, compression, credentials.</summary>
[Collection(SharedServers.Name)]
public sealed class EdgeTests(GatewayFixture shared) : IClassFixture<GatewayFixture>
{
    private readonly StubService _chat = shared.Chat;
    private readonly int _before = shared.Chat.Requests.Count;

    /// <summary>What the service received during this test.</summary>
    private IEnumerable<ReceivedRequest> Received => _chat.Requests.Skip(_before);

    [Theory]
    [InlineData(GatewayFixture.AllowedOrigin)]
    [InlineData("http://localhost:8080")]
    public async Task A_preflight_needs_no_credential_and_asks_no_service(string origin)
    {
        using var answer = await PreflightAsync(origin);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal((origin, "true"), (Header(answer, "Access-Control-Allow-Origin"), Header(answer, "Access-Control-Allow-Credentials")));
        Assert.Contains("POST", Header(answer, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("x-api-key", Header(answer, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Received);
    }

    [Fact]
    public async Task A_browser_may_read_what_the_gateway_answers_to_an_allowed_origin_refusals_included()
    {
        _chat.Reply(200, "{}");
        using var good = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations", ("Origin", GatewayFixture.AllowedOrigin));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations");
        request.Headers.Add("Origin", GatewayFixture.AllowedOrigin);
        using var refused = await shared.Gateway.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (good.StatusCode, refused.StatusCode));
        Assert.All([good, refused], answer => Assert.Equal(GatewayFixture.AllowedOrigin, Header(answer, "Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://game.example.evil.example")]
    [InlineData("http://game.example")]
    [InlineData("null")]
    public async Task A_foreign_origin_gets_no_CORS_header(string origin)
    {
        _chat.Reply(200, "{}");
        using var preflight = await PreflightAsync(origin);
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations", ("Origin", origin));

        Assert.All([preflight, answer], response => Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("identity", null)]
    public async Task JSON_is_compressed_as_the_client_accepts(string accepted, string? encoding)
    {
        var json = $$"""{"text":"{{string.Concat(Enumerable.Repeat("again and ", 500))}}"}""";
        _chat.Reply(200, json);

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations", ("Accept-Encoding", accepted));
        var raw = await answer.Content.ReadAsByteArrayAsync();

        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(json, Decode(raw, encoding));
        Assert.True(encoding is null || raw.Length < json.Length / 2, $"{raw.Length} bytes");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task An_event_stream_is_never_compressed(string accepted)
    {
        var events = string.Concat(Enumerable.Repeat("data: again\n\n", 500));
        _chat.Answer = context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            return context.Response.WriteAsync(events);
        };

        using var answer = await shared.Gateway.AskAsync(HttpMethod.Post, "/api/v1/chat", ("Accept-Encoding", accepted));

        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal(events, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(4096, false)]
    [InlineData(4097, true)]
    public async Task A_short_body_reaches_the_service_together_with_its_head_and_a_longer_one_as_it_comes_in(int length, bool isAskedBefore)
    {
        string? passedOn = null;
        _chat.Answer = async context => passedOn = await new StreamReader(context.Request.Body).ReadToEndAsync();
        var url = new Uri(shared.Gateway.Url);
        var body = string.Concat(Enumerable.Repeat("0123456789", length / 10 + 1))[..length];
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        var stream = client.GetStream();
        await SendAsync(
            $"POST /api/v1/chat HTTP/1.1\r\nHost: {url.Authority}\r\nX-API-Key: {AuthHost.DevelopmentKey}\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body[..100]}");
        if (isAskedBefore)
            await Eventually.TrueAsync(() => Task.FromResult(Received.Any()));
        else
            await Task.Delay(300);
        Assert.Equal(isAskedBefore, Received.Any());

        await SendAsync(body[100..]);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(limit.Token);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Equal(body, passedOn);
        var received = Assert.Single(Received);
        Assert.Equal(("application/octet-stream", $"{length}"), (received.Headers["Content-Type"], received.Headers["Content-Length"]));

        Task SendAsync(string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(100, false)]
    public async Task A_client_that_sends_all_before_it_reads_learns_that_it_is_too_much(int limits, bool isTaken)
    {
        const int limit = 6 * 1024 * 1024;
        var url = new Uri(shared.Gateway.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        var stream = client.GetStream();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/chat HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Length: {(long)limits * limit}\r\n\r\n"), patience.Token);

        var sent = await Record.ExceptionAsync(async () =>
        {
            var part = new byte[limit / 16];
            for (var i = 0; i < 16 * limits; i++)
                await stream.WriteAsync(part, patience.Token);
        });

        // What is beyond all reason is not listened to.
        Assert.Equal(isTaken ? null : typeof(IOException), sent?.GetType());
        if (!isTaken)
            return;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(patience.Token);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains($"send at most {limit} bytes", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_the_greatest_length_reaches_the_service_however_it_is_escaped()
    {
        long? received = null;
        _chat.Answer = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received = body.Length;
        };
        var json = $$"""{"message":"{{string.Concat(Enumerable.Repeat(@"\u00e9", 1_000_000))}}"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = new StringContent(json, Encoding.ASCII, "application/json") };
        request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
        using var answer = await shared.Gateway.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, json.Length), (answer.StatusCode, received));
    }

    [Theory]
    [InlineData("X-API-Key", "{0}")]
    [InlineData("x-api-key", "{0}")]
    [InlineData("Authorization", "Bearer {0}")]
    public async Task A_service_gets_the_internal_token_and_never_the_clients_credential(string header, string form)
    {
        const string foreign = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        _chat.Reply(200, "{}");
        var key = await shared.Auth.CreateKeyAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations?limit=5");
        request.Headers.TryAddWithoutValidation(header, string.Format(null, form, key.Secret));
        // The other header holds a token that nobody signed: it is ignored, and must not get through either.
        request.Headers.TryAddWithoutValidation(header == "Authorization" ? "X-API-Key" : "Authorization", header == "Authorization" ? foreign : $"Bearer {foreign}");
        request.Headers.TryAddWithoutValidation("Cookie", "session=cookie-canary");
        using var answer = await shared.Gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var received = Assert.Single(Received);
        Assert.Equal("/api/v1/conversations?limit=5", received.Target);
        Assert.DoesNotContain(received.Headers.Keys, name => name.ToUpperInvariant() is "X-API-KEY" or "COOKIE");
        foreach (var secret in new[] { key.Secret, foreign, "cookie-canary" })
            Assert.DoesNotContain(received.Headers.Values, value => value.Contains(secret, StringComparison.Ordinal));
        Assert.StartsWith("Bearer ", received.Headers["Authorization"], StringComparison.Ordinal);
        var token = new JsonWebToken(received.Headers["Authorization"]["Bearer ".Length..]);
        Assert.Equal(("ES256", key.Row.UserId.ToString()), (token.Alg, token.Subject));
    }

    [Fact]
    public async Task Without_a_credential_no_service_is_asked()
    {
        using var answer = await shared.Gateway.Client.GetAsync("/api/v1/conversations");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(Received);
    }

    private async Task<HttpResponseMessage> PreflightAsync(string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/chat");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-api-key");
        return await shared.Gateway.Client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static string Decode(byte[] raw, string? encoding)
    {
        using var bytes = new MemoryStream(raw);
        using Stream text = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionMode.Decompress),
            "br" => new BrotliStream(bytes, CompressionMode.Decompress),
            _ => bytes,
        };
        using var reader = new StreamReader(text, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

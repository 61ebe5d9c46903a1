using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gaia.ServiceDefaults.Identity.Services;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Gaia.Tests.Gateway;

/// <summary>What a client says of who it is, other than by a credential, never reaches a service.</summary>
[Collection(SharedServers.Name)]
public sealed class ClaimedIdentityTests(GatewayFixture shared) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("""{"message":"Hello","_auth":{"user_id":"somebody else"}}""", """{"message":"Hello"}""")]
    [InlineData("""{"_auth":1,"message":"Hello","_auth":[{"_auth":2}]}""", """{"message":"Hello"}""")]
    [InlineData("""{"\u005fauth":{"user_id":"somebody else"},"message":"Hello"}""", """{"message":"Hello"}""")]
    [InlineData("""{"_AUTH":{},"message":"Hello"}""", """{"message":"Hello"}""")]
    [InlineData("\uFEFF{\"_auth\":{},\"message\":\"Hello\"}", """{"message":"Hello"}""")]
    [InlineData("""{"message":"Hello","inner":{"_auth":"stays"}}""", """{"message":"Hello","inner":{"_auth":"stays"}}""")]
    [InlineData("""{ "message" : "_auth stays" }""", """{ "message" : "_auth stays" }""")]
    [InlineData("""{"_auth":""", """{"_auth":""")]
    [InlineData("""["_auth"]""", """["_auth"]""")]
    public async Task Auth_in_the_top_level_of_a_body_is_stripped_and_nothing_else(string sent, string received)
    {
        foreach (var chunked in new[] { false, true })
        {
            var seen = await SendAsync(new StringContent(sent, new MediaTypeHeaderValue("application/json")), chunked);

            Assert.Equal((HttpStatusCode.OK, received), seen);
        }
    }

    [Fact]
    public async Task Numbers_and_texts_beside_it_stay_as_they_are()
    {
        var text = "Grüße ☃ " + new string('x', 300_000);
        var seen = await SendAsync(new StringContent($$"""{"_auth":{},"a":1.10,"b":12345678901234567890,"c":"{{text}}"}""", new MediaTypeHeaderValue("application/json")));

        using var document = System.Text.Json.JsonDocument.Parse(seen.Body);
        Assert.Equal(("1.10", "12345678901234567890", text), (
            document.RootElement.GetProperty("a").GetRawText(), document.RootElement.GetProperty("b").GetRawText(), document.RootElement.GetProperty("c").GetString()));
    }

    [Fact]
    public async Task It_cannot_hide_in_another_encoding()
    {
        var seen = await SendAsync(new StringContent("""{"_auth":{},"message":"Hello"}""", Encoding.Unicode, "application/json"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, seen.Status);
    }

    [Theory]
    [InlineData("""{"_auth":1,"message":"hi","x":"\ud800"}""", """["body","x"]""")]
    [InlineData("""{"_auth":1,"message":"hi","\ud800":1}""", """["body"]""")]
    [InlineData("""{"_auth\ud800":1,"message":"hi"}""", """["body"]""")]
    public async Task It_cannot_hide_beside_text_that_is_no_Unicode(string sent, string place)
    {
        var before = shared.Chat.Requests.Count;
        var seen = await SendAsync(new StringContent(sent, new MediaTypeHeaderValue("application/json")));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, seen.Status);
        Assert.Contains($"\"loc\":{place}", seen.Body, StringComparison.Ordinal);
        Assert.Contains("must be valid Unicode", seen.Body, StringComparison.Ordinal);
        Assert.Equal(before, shared.Chat.Requests.Count);
    }

    [Fact]
    public async Task It_cannot_hide_behind_another_content_type()
    {
        Assert.Equal((HttpStatusCode.OK, "{}"), await SendAsync(new StringContent("""{"_auth":1}""", new MediaTypeHeaderValue("text/plain"))));
        Assert.Equal((HttpStatusCode.OK, "{}"), await SendAsync(new ByteArrayContent("""{"_auth":1}"""u8.ToArray())));
    }

    [Fact]
    public async Task A_file_passes_as_it_is() =>
        Assert.Equal((HttpStatusCode.OK, """{"_auth":1}"""), await SendAsync(new StringContent("""{"_auth":1}""", new MediaTypeHeaderValue("application/octet-stream"))));

    [Fact]
    public async Task Service_headers_of_a_client_are_replaced_by_the_gateways_own()
    {
        shared.Chat.Reply(200, "{}");
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations",
                (ServiceHeaders.Token, "forged"), (ServiceHeaders.Key, "forged"), (ServiceHeaders.Name, "forged"), ("X-Forwarded-For", "192.0.2.77"));
            return shared.Chat.Requests[^1].Headers.ContainsKey(ServiceHeaders.Token);
        });

        var headers = shared.Chat.Requests[^1].Headers;
        Assert.DoesNotContain("forged", string.Join(' ', headers.Values), StringComparison.Ordinal);
        Assert.Equal(3, headers[ServiceHeaders.Token].Split('.').Length);
        Assert.DoesNotContain("192.0.2.77", headers["X-Forwarded-For"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/internal/validate")]
    [InlineData("/internal/service-token")]
    [InlineData("/api/v1/chat/../../../internal/validate")]
    [InlineData("/api/v1/chat/%2e%2e/%2e%2e/%2e%2e/internal/validate")]
    public async Task Internal_routes_are_never_routed(string path)
    {
        var before = shared.Auth.Exchanges;
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Post, path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.InRange(shared.Auth.Exchanges - before, 0, 1);
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpContent content, bool chunked = false)
    {
        shared.Chat.Answer = static async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
            await context.Response.WriteAsync(await reader.ReadToEndAsync());
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = content };
        request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await shared.Gateway.Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

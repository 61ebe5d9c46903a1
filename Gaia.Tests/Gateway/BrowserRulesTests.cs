using System.Net;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Gateway;

/// <summary>What the gateway tells a browser, on every answer: origins, security headers, caching.</summary>
[Collection(SharedServers.Name)]
public sealed class BrowserRulesTests(MannersFixture shared, NativeServers servers) : IClassFixture<MannersFixture>
{
    public static TheoryData<int> Answers => [200, 401, 404, 405, 413, 429, 500, 503];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_may_be_read_by_an_allowed_origin(int status)
    {
        using var answer = await shared.AskForAsync(status, ("Origin", MannersFixture.AllowedOrigin));

        Assert.Equal((MannersFixture.AllowedOrigin, "true"), (answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Allow-Credentials")));
        var readable = answer.Header("Access-Control-Expose-Headers") ?? "";
        foreach (var name in new[] { "X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After" })
            Assert.Contains(name, readable, StringComparison.Ordinal);
        answer.AssertReadableByScripts();
        Assert.Contains("Origin", answer.Header("Vary") ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "authorization")]
    [InlineData("POST", "content-type,x-api-key,x-request-id,x-response-format")]
    [InlineData("DELETE", "x-anything-else")]
    [InlineData("PATCH", "authorization")]
    [InlineData("PUT", "authorization")]
    public async Task A_preflight_allows_all_methods_and_headers_without_a_credential(string method, string headers)
    {
        var before = shared.Chat.Requests.Count;
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/conversations/1");
        request.Headers.Add("Origin", MannersFixture.AllowedOrigin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);
        using var answer = await shared.Gateway.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.NoContent, MannersFixture.AllowedOrigin), (answer.StatusCode, answer.Header("Access-Control-Allow-Origin")));
        Assert.Contains(method, answer.Header("Access-Control-Allow-Methods") ?? "", StringComparison.Ordinal);
        Assert.All(headers.Split(','), name => Assert.Contains(name, answer.Header("Access-Control-Allow-Headers") ?? "", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(before, shared.Chat.Requests.Count);
    }

    [Fact]
    public async Task A_service_has_no_say_in_origins_and_does_not_tell_what_it_runs_on()
    {
        shared.Chat.Answer = context =>
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.Server = "secret/1.0";
            context.Response.Headers.XPoweredBy = "secret/1.0";
            context.Response.Headers.XFrameOptions = "ALLOWALL";
            return context.Response.WriteAsync("{}");
        };
        using var allowed = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations", ("Origin", MannersFixture.AllowedOrigin));
        using var foreign = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations", ("Origin", "https://evil.example"));

        Assert.Equal((MannersFixture.AllowedOrigin, (string?)null), (allowed.Header("Access-Control-Allow-Origin"), foreign.Header("Access-Control-Allow-Origin")));
        Assert.Equal((null, null, "DENY"), (allowed.Header("Server"), allowed.Header("X-Powered-By"), allowed.Header("X-Frame-Options")));
    }

    [Fact]
    public async Task Any_origin_may_be_allowed_and_then_without_the_browsers_credentials()
    {
        await using var gateway = await GatewayHost.StartAsync(servers, shared.Auth.Url, shared.Chat.Url, ("ALLOWED_ORIGINS", "*"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Origin", "https://anything.example");
        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(("*", null), (answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Allow-Credentials")));
    }

    [Theory]
    [InlineData("game.example")]
    [InlineData("https://game.example/path")]
    [InlineData("*,https://game.example")]
    public async Task An_origin_that_no_browser_sends_is_refused_at_the_start(string origins)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(
            () => GatewayHost.StartAsync(servers, shared.Auth.Url, shared.Chat.Url, ("ALLOWED_ORIGINS", origins)));

        Assert.Contains("ALLOWED_ORIGINS", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_carries_the_security_headers(int status)
    {
        using var answer = await shared.AskForAsync(status);

        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("DENY", answer.Header("X-Frame-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.Equal("cross-origin", answer.Header("Cross-Origin-Resource-Policy"));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Header("Content-Security-Policy"));
        Assert.Contains("no-store", answer.Header("Cache-Control") ?? "", StringComparison.Ordinal);
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Over_HTTPS_a_browser_is_told_to_stay_there(int status)
    {
        using var answer = await shared.AskForAsync(status, ("X-Forwarded-Proto", "https"));

        Assert.Equal("max-age=31536000", answer.Header("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData(null, "no-store")]
    [InlineData("no-cache", "no-cache")]
    [InlineData("private, max-age=60", "max-age=60, private")]
    public async Task An_answer_may_be_stored_only_if_the_service_says_so(string? said, string expected)
    {
        shared.Chat.Answer = context =>
        {
            context.Response.Headers.CacheControl = said;
            return context.Response.WriteAsync("{}");
        };
        using var answer = await shared.Gateway.AskAsync(HttpMethod.Get, "/api/v1/conversations");

        Assert.Equal(expected, answer.Headers.CacheControl?.ToString());
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>Who shows one wrong credential after the other is stopped; nobody else is.</summary>
[Collection(SharedServers.Name)]
public sealed class FailedAuthenticationTests(LimitsFixture shared) : IClassFixture<LimitsFixture>
{
    private const string Route = "/api/v1/conversations";

    private static int _addresses;

    private readonly (string, string) _here = ("X-Forwarded-For", $"192.0.2.{Interlocked.Increment(ref _addresses)}");

    [Fact]
    public async Task After_too_many_wrong_credentials_Auth_is_not_asked_any_more_and_known_credentials_go_on()
    {
        await using var gateway = await StartAsync(permits: 3);
        var (good, fresh) = (shared.Authority.CreateKey(), shared.Authority.CreateJwt());
        Assert.Equal(200, await TryAsync(gateway, good));
        foreach (var form in new[] { "X-API-Key", "Authorization", "X-API-Key" })
            Assert.Equal(401, await TryAsync(gateway, ApiKeyFormat.Generate(), form));
        var before = shared.Authority.Exchanges;

        using var refused = await gateway.Client.GetAsync(Route, _here, ("X-API-Key", ApiKeyFormat.Generate()));
        var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1100), TimeSpan.FromSeconds(1200));
        Assert.Equal("Rate limit exceeded: 3 failed authentications per 1 hour", body.GetProperty("error").GetString());
        Assert.StartsWith("Rate limit exceeded: 3 failed authentications per 1 hour. Try again in ", body.GetProperty("detail").GetString(), StringComparison.Ordinal);

        foreach (var credential in new[] { ApiKeyFormat.Generate(), $"a.{Guid.NewGuid():N}.b", fresh })
        {
            Assert.Equal(429, await TryAsync(gateway, credential));
            Assert.Equal(429, await TryAsync(gateway, credential, "Authorization"));
        }

        Assert.Equal(before, shared.Authority.Exchanges);
        Assert.Equal(200, await TryAsync(gateway, good));
        Assert.Equal(200, await TryAsync(gateway, good, "Authorization"));
        // Another address is not concerned.
        Assert.Equal([200], await gateway.Client.StatusesAsync(1, Route, ("X-Forwarded-For", "192.0.2.250"), ("X-API-Key", fresh)));
    }

    [Fact]
    public async Task A_known_credential_behind_a_wrong_one_goes_on()
    {
        await using var gateway = await StartAsync(permits: 1);
        var good = shared.Authority.CreateKey();
        Assert.Equal(200, await TryAsync(gateway, good));
        Assert.Equal(401, await TryAsync(gateway, ApiKeyFormat.Generate()));

        Assert.Equal([200], await gateway.Client.StatusesAsync(1, Route, _here, ("Authorization", $"Bearer a.{Guid.NewGuid():N}.b"), ("X-API-Key", good)));
    }

    [Fact]
    public async Task Good_new_credentials_and_wrong_ones_shown_again_do_not_count()
    {
        await using var gateway = await StartAsync(permits: 2);
        for (var i = 0; i < 10; i++)
            Assert.Equal(200, await TryAsync(gateway, shared.Authority.CreateKey()));
        var wrong = ApiKeyFormat.Generate();
        for (var i = 0; i < 5; i++)
            Assert.Equal(401, await TryAsync(gateway, wrong));
        Assert.Equal(200, await TryAsync(gateway, shared.Authority.CreateKey()));
    }

    [Fact]
    public async Task An_outage_of_Auth_is_no_failure()
    {
        await using var gateway = await StartAsync(permits: 2);
        shared.Authority.IsAway = true;
        try
        {
            for (var i = 0; i < 4; i++)
                Assert.Equal(503, await TryAsync(gateway, ApiKeyFormat.Generate()));
        }
        finally
        {
            shared.Authority.IsAway = false;
        }

        // The gateway gives Auth a second to recover.
        await Eventually.TrueAsync(async () => await TryAsync(gateway, shared.Authority.CreateKey()) == 200);
    }

    [Fact]
    public async Task Many_at_once_try_no_more_than_a_few_one_after_the_other()
    {
        await using var gateway = await StartAsync(permits: 5);
        var before = shared.Authority.Exchanges;

        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => TryAsync(gateway, ApiKeyFormat.Generate())));

        Assert.All(statuses, status => Assert.True(status is 401 or 429, $"{status}"));
        Assert.InRange(shared.Authority.Exchanges - before, 1, 5);
        Assert.Equal(429, await TryAsync(gateway, ApiKeyFormat.Generate()));
    }

    [Fact]
    public async Task Wrong_passwords_count_where_a_route_takes_them()
    {
        await using var gateway = await shared.StartGatewayAsync(
        [
            .. LimitSettings.Limit("FailedAuthentication", 3, 3600), ("Edge:TrustedProxies", "127.0.0.1"),
            ("ReverseProxy:Routes:login:ClusterId", "chat"), ("ReverseProxy:Routes:login:AuthorizationPolicy", "anonymous"),
            ("ReverseProxy:Routes:login:Match:Path", "/test/login"), ("ReverseProxy:Routes:login:Metadata:Login", "true"),
        ]);
        try
        {
            shared.Chat.Reply(200, "{}");
            Assert.Equal([200, 200, 200, 200], await gateway.Client.StatusesAsync(4, "/test/login", _here));
            shared.Chat.Reply(400, """{"detail":"Invalid login credentials"}""");
            Assert.Equal([400, 400, 400, 429, 429], await gateway.Client.StatusesAsync(5, "/test/login", _here));
        }
        finally
        {
            shared.Chat.Reply(200, "{}");
        }
    }

    [Theory]
    [InlineData("/api/v1/auth/validate")]
    [InlineData("/api/v0.3/auth/validate")]
    public async Task Wrong_credentials_that_validate_is_asked_about_count_though_it_answers_200(string route)
    {
        await using var gateway = await shared.StartGatewayAsync(
            [.. LimitSettings.Limit("FailedAuthentication", 4, 3600), ("Edge:TrustedProxies", "127.0.0.1"), ("Services:auth:http:0", shared.Auth.Url)]);
        var good = new { api_key = (await shared.Auth.CreateKeyAsync()).Secret };
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal((200, true), await ValidateAsync(good));
            Assert.Equal((200, false), await ValidateAsync(new { }));
        }

        foreach (var wrong in new object[] { new { api_key = ApiKeyFormat.Generate() }, new { token = $"a.{Guid.NewGuid():N}.b" }, new { token = "none" }, new { api_key = "none" } })
            Assert.Equal((200, false), await ValidateAsync(wrong));

        Assert.Equal((429, null), await ValidateAsync(new { api_key = ApiKeyFormat.Generate() }));
        Assert.Equal((429, null), await ValidateAsync(good));
        // They are the same failures as those of every other credential.
        Assert.Equal(429, await TryAsync(gateway, good.api_key));
        using var told = await shared.Auth.Client.PostAsJsonAsync(route, new { token = "none" });
        Assert.Equal("true", told.Header(ServiceHeaders.CredentialRefused));

        async Task<(int Status, bool? Valid)> ValidateAsync(object body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, route) { Content = JsonContent.Create(body), Headers = { { _here.Item1, _here.Item2 } } };
            using var answer = await gateway.Client.SendAsync(request);
            Assert.Null(answer.Header(ServiceHeaders.CredentialRefused));
            return ((int)answer.StatusCode, (bool?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["valid"]);
        }
    }

    private Task<GatewayHost> StartAsync(int permits) =>
        shared.StartGatewayAsync([.. LimitSettings.Limit("FailedAuthentication", permits, 3600), ("Edge:TrustedProxies", "127.0.0.1")]);

    private async Task<int> TryAsync(GatewayHost gateway, string credential, string header = "X-API-Key")
    {
        using var answer = await gateway.Client.GetAsync(Route, _here, (header, header == "Authorization" ? $"Bearer {credential}" : credential));
        return (int)answer.StatusCode;
    }
}

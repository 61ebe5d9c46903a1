using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Identity.Services;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Identity;

/// <summary>What only a service may ask of Auth, and how it proves that it is one.</summary>
[Collection(SharedServers.Name)]
public sealed class ServiceIdentityTests(AuthFixture shared, NativeServers servers) : IClassFixture<AuthFixture>
{
    private readonly AuthHost _auth = shared.Auth;

    [Theory]
    [InlineData("chat", "chat")]
    [InlineData("chat-service", "chat")]
    [InlineData("gateway", "gateway")]
    public async Task A_service_gets_a_token_of_five_minutes_for_its_key(string asked, string name)
    {
        var answer = await AskAsync(new { service_name = asked, claims = new { region = "north" } });

        Assert.Equal((HttpStatusCode.OK, "Bearer", 300), (answer.Status, (string?)answer.Body["token_type"], (int)answer.Body["expires_in"]!));
        var claims = JsonNode.Parse(Base64Url((string)answer.Body["token"]!))!;
        Assert.Equal(("gaia-auth-service", "gaia-services", name), ((string?)claims["iss"], (string?)claims["aud"], (string?)claims["sub"]));
        Assert.Equal((name, "microservice", "Development", "north"), ((string?)claims["service"], (string?)claims["service_type"], (string?)claims["environment"], (string?)claims["region"]));
        Assert.Equal(300, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal(HttpStatusCode.OK, await ValidateAsync((ServiceHeaders.Token, (string)answer.Body["token"]!)));
        Assert.Equal(HttpStatusCode.OK, await ValidateAsync(("Authorization", $"Bearer {answer.Body["token"]}")));
    }

    [Theory]
    [InlineData("""{}""", 400, "Service name is required")]
    [InlineData("""{"service_name":" "}""", 400, "Service name is required")]
    [InlineData("""{"service_name":"mallory"}""", 403, "Service 'mallory' is not authorized")]
    [InlineData("""{"service_name":"chat","claims":{"sub":"gateway"}}""", 400, "The claim 'sub' is set by Auth: leave it out")]
    [InlineData("""{"service_name":"chat","claims":{"x":1,"exp":99999999999}}""", 400, "The claim 'exp' is set by Auth: leave it out")]
    [InlineData("""{"service_name":"chat","claims":["sub"]}""", 400, "claims must be an object")]
    public async Task A_request_that_asks_too_much_is_told_so(string body, int status, string detail)
    {
        var answer = await AskAsync(JsonNode.Parse(body)!);

        Assert.Equal((status, detail), ((int)answer.Status, (string?)answer.Body["detail"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the-key-of-every-service-in-a-tesT")]
    [InlineData(AuthHost.DevelopmentKey)]
    public async Task Without_its_key_nobody_is_a_service(string? key)
    {
        var answer = await AskAsync(new { service_name = "chat" }, key);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
    }

    [Fact]
    public async Task Internal_routes_are_refused_without_a_service_identity()
    {
        var key = await _auth.CreateKeyAsync();
        var user = await UserTokenAsync(key.Secret);

        Assert.Equal(HttpStatusCode.Unauthorized, await ValidateAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await ValidateAsync((ServiceHeaders.Name, "gateway")));
        Assert.Equal(HttpStatusCode.Unauthorized, await ValidateAsync((ServiceHeaders.Key, AuthHost.ServiceKey)));
        Assert.Equal(HttpStatusCode.Unauthorized, await ValidateAsync((ServiceHeaders.Token, "not.a.token")));
        Assert.Equal(HttpStatusCode.Unauthorized, await ValidateAsync((ServiceHeaders.Token, user)));
        Assert.Equal(HttpStatusCode.Forbidden, await ValidateAsync(("Authorization", $"Bearer {user}")));
        Assert.Equal(HttpStatusCode.Forbidden, await ValidateAsync(("X-API-Key", key.Secret)));
    }

    [Fact]
    public async Task A_service_token_is_no_user_anywhere()
    {
        var token = (string)(await AskAsync(new { service_name = "chat" })).Body["token"]!;
        await using var probe = await ProbeHost.StartAsync(servers, _auth.Url, edge: false);
        await using var edge = await ProbeHost.StartAsync(servers, _auth.Url);

        foreach (var host in new[] { probe, edge })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.AskAsync("/whoami", ("Authorization", $"Bearer {token}"))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.AskAsync("/whoami", (ServiceHeaders.Token, token))).Status);
        }
    }

    [Fact]
    public async Task A_service_token_ends_after_five_minutes()
    {
        var clock = new ShiftedClock();
        await using var auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), clock: clock);
        var token = (string)(await AskAsync(new { service_name = "chat" }, AuthHost.ServiceKey, auth)).Body["token"]!;

        Assert.Equal(HttpStatusCode.OK, await ValidateAsync(auth, (ServiceHeaders.Token, token)));
        clock.Advance(TimeSpan.FromMinutes(5.2));
        Assert.Equal(HttpStatusCode.Unauthorized, await ValidateAsync(auth, (ServiceHeaders.Token, token)));
    }

    private async Task<string> UserTokenAsync(string key)
    {
        using var response = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = key });
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["internal_token"]!;
    }

    private Task<HttpStatusCode> ValidateAsync(params (string Name, string Value)[] headers) => ValidateAsync(_auth, headers);

    private static async Task<HttpStatusCode> ValidateAsync(AuthHost auth, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/validate") { Content = JsonContent.Create(new { api_key = "x" }) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await auth.Client.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> AskAsync(object body, string? key = AuthHost.ServiceKey, AuthHost? auth = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/service-token") { Content = JsonContent.Create(body) };
        if (key is not null)
            request.Headers.Add(ServiceHeaders.Key, key);
        using var response = await (auth ?? _auth).Client.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static byte[] Base64Url(string token) => System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]);
}

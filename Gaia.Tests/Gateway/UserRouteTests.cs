using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>The user routes through the gateway, and nothing else of Auth.</summary>
[Collection(SharedServers.Name)]
public sealed class UserRouteTests(GatewayFixture shared, NativeServers servers) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v0.3")]
    public async Task A_user_registers_and_signs_in_through_the_gateway_without_a_credential(string version)
    {
        var email = UserRequests.NewEmail();

        var (registered, _) = await PostAsync($"/api/{version}/auth/register", new { email, password = UserRequests.Password });
        var (loggedIn, body) = await PostAsync($"/api/{version}/auth/login", new { email, password = UserRequests.Password });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (registered, loggedIn));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/api/{version}/auth/validate", new { token = (string?)body["session"]!["access_token"] })).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/api/{version}/auth/refresh", new { refresh_token = (string?)body["session"]!["refresh_token"] })).Status);
    }

    [Fact]
    public async Task A_refusal_is_wrapped_as_every_error_of_a_service()
    {
        var (status, body) = await PostAsync("/api/v1/auth/login", new { email = UserRequests.NewEmail(), password = "wrong password" });
        Assert.Equal((HttpStatusCode.BadRequest, """Service error: {"detail":"Login failed: Invalid login credentials"}"""), (status, (string?)body["detail"]));

        var (missing, list) = await PostAsync("/api/v1/auth/login", new { });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, missing);
        Assert.StartsWith("""Service error: {"detail":[{"type":"missing","loc":["body","email"]""", (string?)list["detail"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/auth/login", HttpStatusCode.NotFound)]
    [InlineData("POST", "/auth/api-key-login", HttpStatusCode.NotFound)]
    [InlineData("GET", "/auth/health", HttpStatusCode.NotFound)]
    [InlineData("GET", "/status", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/auth/api-key-login", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/auth/logins", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/v1/auth/login/more", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/auth/login", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/.well-known/jwks.json", HttpStatusCode.NotFound)]
    public async Task Nothing_else_of_Auth_is_routed(string method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await shared.Gateway.Client.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/auth/login", false)]
    [InlineData("/api/v0.3/auth/validate", false)]
    [InlineData("/api/v1/auth/logout", true)]
    [InlineData("/api/v0.3/auth/logout", true)]
    public async Task Auth_sees_the_credential_of_a_client_that_logs_out_and_of_no_other(string path, bool isSeen)
    {
        await using var auth = await StubService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(servers, auth.Url, auth.Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { }), Headers = { { "Authorization", "Bearer a.b.c" }, { "X-API-Key", "a.b.c" } } };
        using var answer = await gateway.Client.SendAsync(request);

        var headers = Assert.Single(auth.Requests, received => received.Target == path).Headers;
        Assert.Equal((isSeen, isSeen), (headers.GetValueOrDefault("Authorization") == "Bearer a.b.c", headers.GetValueOrDefault("X-API-Key") == "a.b.c"));
    }

    [Fact]
    public async Task The_health_of_the_platform_tells_whether_the_Supabase_project_answers()
    {
        await using var project = await ScriptedGoTrue.StartAsync();
        await using var chat = await StubService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(servers, shared.Auth.Url, chat.Url, ("SUPABASE_URL", project.Url));

        Assert.Equal($$"""{"status":"healthy","service":"supabase","url":"{{project.Url}}","responsive":true}""", await SupabaseAsync(gateway));
        project.Trouble = static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await Eventually.TrueAsync(async () => await SupabaseAsync(gateway) == $$"""{"status":"unhealthy","service":"supabase","url":"{{project.Url}}","responsive":false,"error":"Answered 503"}""");
        Assert.Equal("""{"status":"unhealthy","service":"supabase","url":null,"responsive":false,"error":"Not configured"}""", await SupabaseAsync(shared.Gateway));

        static async Task<string> SupabaseAsync(GatewayHost gateway) =>
            JsonNode.Parse(await gateway.Client.GetStringAsync("/health"))!["supabase"]!.ToJsonString();
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, object body)
    {
        using var answer = await shared.Gateway.Client.PostAsJsonAsync(path, body);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}

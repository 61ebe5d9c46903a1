using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.Auth.Users;

/// <summary>Tokens for API keys, and what validate says of every kind of credential.</summary>
[Collection(SharedServers.Name)]
public sealed class ApiKeyLoginTests(NativeServers servers) : IAsyncLifetime
{
    private string _database = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, settings: ("Auth:PasswordIterations", "1000"));
    }

    public async Task DisposeAsync() => await _auth.DisposeAsync();

    [Fact]
    public async Task A_key_gives_a_token_of_fifteen_minutes_that_is_limited_as_the_key_is()
    {
        var key = await _auth.CreateKeyAsync(expiresAt: null, "kb:read");

        var body = await LoginAsync(_auth, key.Secret);

        Assert.Equal(["access_token", "token_type", "expires_in", "user"], body.AsObject().Select(field => field.Key));
        Assert.Equal(("bearer", 900, key.Row.UserId.ToString()), ((string?)body["token_type"], (int)body["expires_in"]!, (string?)body["user"]!["id"]));
        var token = new JsonWebToken((string)body["access_token"]!);
        Assert.Equal(("ES256", key.Row.UserId.ToString(), key.Row.UserId.ToString()), (token.Alg, token.Subject, token.GetPayloadValue<string>("user_id")));
        Assert.Equal(TimeSpan.FromMinutes(15), token.ValidTo - token.IssuedAt);
        var answer = await _auth.ExchangeAsync(token.EncodedToken);
        Assert.Equal(("jwt", key.Row.UserId.ToString(), """["kb:read"]"""), ((string?)answer["auth_type"], (string?)answer["user_id"], answer["scopes"]!.ToJsonString()));
    }

    [Fact]
    public async Task With_the_projects_secret_the_token_is_as_the_legacy_system_made_it()
    {
        const string secret = "a-secret-of-the-project-of-forty-letters";
        await using var auth = await AuthHost.StartAsync(servers, _database, settings: [("SUPABASE_JWT_SECRET", secret)]);
        var key = await auth.CreateKeyAsync();

        var token = new JsonWebToken((string)(await LoginAsync(auth, key.Secret))["access_token"]!);

        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = ["HS256"],
            IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)),
            ValidAudience = "authenticated",
            ValidIssuer = "https://gaia-platform.supabase.co",
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal("""{"auth_source":"api_key_exchange","original_auth_type":"user_api_key"}""", token.GetPayloadValue<System.Text.Json.JsonElement>("user_metadata").GetRawText());
        Assert.True(await auth.CountsAsync(token.EncodedToken));
        await auth.RevokeAsync(key);
        Assert.False(await auth.CountsAsync(token.EncodedToken));
    }

    [Fact]
    public async Task Revoking_the_key_ends_its_tokens_at_the_gateway_within_a_second()
    {
        await using var chat = await StubService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(servers, _auth.Url, chat.Url);
        var key = await _auth.CreateKeyAsync();
        var token = (string)(await LoginAsync(_auth, key.Secret))["access_token"]!;
        await Eventually.TrueAsync(async () => await AskAsync() == HttpStatusCode.OK);

        await _auth.RevokeAsync(key);

        await Eventually.TrueAsync(async () => await AskAsync() == HttpStatusCode.Unauthorized, seconds: 1);

        async Task<HttpStatusCode> AskAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var answer = await gateway.Client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData(null, 422, """{"detail":[{"type":"missing","loc":["header","x-api-key"],"msg":"Field required"}]}""")]
    [InlineData("nonsense", 401, """{"detail":"Invalid API key"}""")]
    [InlineData("gaia_dev_abcdefghijABCDEFGHIJ0123456789ab", 401, """{"detail":"Invalid API key"}""")]
    public async Task A_missing_or_unknown_key_is_refused(string? key, int status, string expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/api-key-login");
        if (key is not null)
            request.Headers.Add("X-API-Key", key);
        using var response = await _auth.Client.SendAsync(request);
        Assert.Equal((status, expected), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Validate_tells_users_services_and_keys_apart_and_never_why_something_does_not_count()
    {
        var user = await _auth.RegisterAsync();
        var key = await _auth.CreateKeyAsync();
        var ended = await _auth.CreateKeyAsync(DateTimeOffset.UtcNow.AddSeconds(-1));
        var service = await ServiceTokenAsync();

        await AssertAsync(new { token = user.AccessToken, api_key = key.Secret }, "jwt", user.UserId.ToString());
        await AssertAsync(new { token = service }, "service_jwt", "service:gateway");
        await AssertAsync(new { token = "a.b.c", api_key = key.Secret }, "api_key", key.Row.UserId.ToString());
        await AssertAsync(new { api_key = key.Secret, token = (string?)null }, "api_key", key.Row.UserId.ToString());
        foreach (var nothing in new object[] { new { }, new { token = "a.b.c" }, new { api_key = ended.Secret }, new { token = key.Secret }, new { api_key = user.AccessToken } })
        {
            var (status, body) = await _auth.PostAsync("validate", nothing);
            Assert.Equal(
                (HttpStatusCode.OK, """{"valid":false,"auth_type":"none","user_id":null,"error":"No valid authentication credentials provided"}"""), (status, body.ToJsonString()));
        }

        async Task AssertAsync(object body, string type, string id)
        {
            var (status, answer) = await _auth.PostAsync("validate", body);
            Assert.Equal((HttpStatusCode.OK, $$"""{"valid":true,"auth_type":"{{type}}","user_id":"{{id}}","error":null}"""), (status, answer.ToJsonString()));
        }
    }

    [Fact]
    public async Task Status_and_health_have_the_contracts_shapes()
    {
        var status = JsonNode.Parse(await _auth.Client.GetStringAsync("/status"))!;
        Assert.Equal(
            """{"service":"auth","version":"0.2","environment":"development","debug":false,"features":{"jwt_validation":true,"api_key_validation":true,"supabase_auth":false,"user_registration":true}}""",
            status.ToJsonString());

        var health = JsonNode.Parse(await _auth.Client.GetStringAsync("/auth/health"))!;
        Assert.Equal(("auth", "healthy"), ((string?)health["service"], (string?)health["overall_status"]));
        Assert.Equal(["secrets", "auth_backend", "database", "api_key_validation", "ai_provider"], health["checks"]!.AsObject().Select(check => check.Key));
        Assert.Equal("postgresql", (string?)health["checks"]!["auth_backend"]!["configured"]);
    }

    private static async Task<JsonNode> LoginAsync(AuthHost auth, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/api-key-login") { Headers = { { "X-API-Key", key } } };
        using var response = await auth.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private async Task<string> ServiceTokenAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/service-token")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { service_name = "gateway" }),
            Headers = { { Gaia.ServiceDefaults.Identity.Services.ServiceHeaders.Key, AuthHost.ServiceKey } },
        };
        using var response = await _auth.Client.SendAsync(request);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["token"]!;
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.Tests.Auth.Supabase;

/// <summary>Users who live in a Supabase project.</summary>
[Collection(SharedServers.Name)]
public sealed class SupabaseUserTests(NativeServers servers) : IAsyncLifetime
{
    private const string LegacyKey = "gaia_prod_abcdefghijABCDEFGHIJ0123456789ab";

    private readonly Guid _user = Guid.NewGuid();
    private readonly Guid _session = Guid.NewGuid();
    private readonly string _email = UserRequests.NewEmail();
    private string _database = null!;
    private ScriptedGoTrue _project = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _project = await ScriptedGoTrue.StartAsync();
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, settings: [.. _project.Settings, ("AUTH_BACKEND", "supabase")]);
    }

    public async Task DisposeAsync()
    {
        await _auth.DisposeAsync();
        await _project.DisposeAsync();
    }

    [Fact]
    public async Task Every_operation_is_the_projects()
    {
        _project.On("/auth/v1/signup", 200, ScriptedGoTrue.User(_user, _email, null));
        _project.On("/auth/v1/token?grant_type=password", 200, _project.Session(_user, _email, _session));
        _project.On("/auth/v1/token?grant_type=refresh_token", 200, _project.Session(_user, _email, _session));
        _project.On("/auth/v1/verify", 200, _project.Session(_user, _email, _session));
        _project.On("/auth/v1/resend", 200, "{}");

        var (_, registered) = await _auth.PostAsync("register", new { email = _email, password = UserRequests.Password });
        Assert.Equal((_user.ToString(), null), ((string?)registered["user"]!["id"], registered["session"]));
        var user = await _auth.LoginAsync(_email);
        Assert.Equal((_user, "a-refresh-token"), (user.UserId, user.RefreshToken));
        Assert.Equal(_user.ToString(), (string?)(await _auth.ExchangeAsync(user.AccessToken))["user_id"]);
        Assert.Equal(HttpStatusCode.OK, (await _auth.PostAsync("refresh", new { refresh_token = user.RefreshToken })).Status);
        Assert.Equal("Email confirmed successfully", (string?)(await _auth.PostAsync("confirm", new { token = "123456", email = _email })).Body["message"]);
        Assert.Equal($$$"""{"message":"Verification email sent to {{{_email}}}","result":{}}""", (await _auth.PostAsync("resend-verification", new { email = _email })).Body.ToJsonString());

        var calls = _project.Requests.Where(request => request.Method == "POST").ToList();
        Assert.All(calls, call => Assert.Equal((ScriptedGoTrue.AnonKey, $"Bearer {ScriptedGoTrue.AnonKey}"), (call.ApiKey, call.Authorization)));
        Assert.Equal(
            [
                $$"""{"email":"{{_email}}","password":"{{UserRequests.Password}}"}""",
                $$"""{"email":"{{_email}}","password":"{{UserRequests.Password}}"}""",
                """{"refresh_token":"a-refresh-token"}""",
                $$"""{"type":"signup","token":"123456","email":"{{_email}}"}""",
                $$"""{"type":"signup","email":"{{_email}}"}""",
            ],
            calls.Select(call => call.Body));
        Assert.Equal(0L, await QueryAsync<long>("SELECT count(*) FROM auth_accounts"));
    }

    [Theory]
    [InlineData("register", 422, """{"code":422,"error_code":"user_already_exists","msg":"User already registered"}""", 400, "This email is already registered")]
    [InlineData("register", 422, """{"code":422,"error_code":"weak_password","msg":"Password should be at least 8 characters."}""", 400, "Password must be at least 6 characters long")]
    [InlineData("register", 400, """{"code":400,"error_code":"email_address_invalid","msg":"Email address is invalid"}""", 400, "Please enter a valid email address")]
    [InlineData("register", 403, """{"code":"email_address_not_authorized","message":"Not here"}""", 400, "Registration is not allowed for this email domain")]
    [InlineData("register", 429, """{"code":429,"error_code":"over_email_send_rate_limit","msg":"email rate limit exceeded"}""", 400, "Too many registration attempts. Please try again later")]
    [InlineData("register", 400, """{"msg":"Something else"}""", 400, "Registration failed: Something else")]
    [InlineData("login", 400, """{"code":400,"error_code":"invalid_credentials","msg":"Invalid login credentials"}""", 400, "Login failed: Invalid login credentials")]
    [InlineData("login", 400, """{"error":"invalid_grant","error_description":"Email not confirmed"}""", 400, "Login failed: Email not confirmed")]
    [InlineData("login", 429, """{"code":429,"error_code":"over_request_rate_limit","msg":"Request rate limit reached"}""", 429, "Login failed: Request rate limit reached")]
    [InlineData("refresh", 400, """{"error_code":"refresh_token_already_used","msg":"Invalid Refresh Token: Already Used"}""", 400, "Token refresh failed: Invalid Refresh Token: Already Used")]
    [InlineData("confirm", 403, """{"error_code":"otp_expired","msg":"Token has expired or is invalid"}""", 400, "Confirmation link is expired or invalid")]
    [InlineData("resend-verification", 429, """{"error_code":"over_email_send_rate_limit","msg":"For security purposes, you can only request this after 50 seconds."}""", 400, "Too many requests. Please wait before requesting another email")]
    public async Task The_projects_refusals_become_the_contracts(string operation, int status, string answer, int expected, string detail)
    {
        foreach (var target in new[] { "signup", "token?grant_type=password", "token?grant_type=refresh_token", "verify", "resend" })
            _project.On($"/auth/v1/{target}", status, answer);

        Assert.Equal((expected, detail), await AskAsync(operation));
    }

    [Theory]
    [InlineData("fails")]
    [InlineData("hangs up")]
    [InlineData("hangs")]
    [InlineData("malformed")]
    [InlineData("not a user")]
    [InlineData("refuses our key")]
    [InlineData("redirects")]
    public async Task A_project_that_does_not_answer_properly_is_an_outage_and_nothing_is_repeated(string trouble)
    {
        _project.Trouble = trouble switch
        {
            "fails" => Status(503, "unavailable"),
            "hangs up" => static context =>
            {
                context.Abort();
                return Task.CompletedTask;
            }
            ,
            "hangs" => static context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "malformed" => Status(200, "{\"user\":"),
            "not a user" => Status(200, "[]"),
            "refuses our key" => Status(401, """{"message":"Invalid API key"}"""),
            _ => Status(302, ""),
        };
        var before = _project.Requests.Count(request => request.Method == "POST");

        Assert.Equal((503, "Service supabase unavailable"), await AskAsync("login").WaitAsync(TimeSpan.FromSeconds(8)));

        Assert.Equal(before + 1, _project.Requests.Count(request => request.Method == "POST"));

        static RequestDelegate Status(int status, string body) => context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
    }

    [Fact]
    public async Task Logging_out_ends_the_session_at_the_project_and_every_token_of_it_here()
    {
        await using var chat = await StubService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(servers, _auth.Url, chat.Url);
        _project.On("/auth/v1/logout?scope=local", 204, "");
        var tokens = Enumerable.Range(0, 2).Select(i => _project.Token(_user, _email, _session, endsIn: TimeSpan.FromMinutes(30 + i))).ToList();
        var other = _project.Token(_user, _email, Guid.NewGuid());
        foreach (var token in tokens.Append(other))
            await Eventually.TrueAsync(async () => await StatusAsync(gateway, token) == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, (await _auth.PostAsync("logout", null, tokens[0])).Status);

        foreach (var token in tokens)
            await Eventually.TrueAsync(async () => await StatusAsync(gateway, token) == HttpStatusCode.Unauthorized, seconds: 1);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(gateway, other));
        // Also one that nobody has shown before.
        Assert.False(await _auth.CountsAsync(_project.Token(_user, _email, _session, endsIn: TimeSpan.FromMinutes(40))));
        Assert.Equal($"Bearer {tokens[0]}", Assert.Single(_project.Requests, request => request.Target.StartsWith("/auth/v1/logout", StringComparison.Ordinal)).Authorization);
    }

    [Fact]
    public async Task A_key_of_a_legacy_form_is_the_projects_and_one_of_ours_is_ours()
    {
        var own = await _auth.CreateKeyAsync();
        _project.On("/rest/v1/rpc/validate_api_key_simple", request => request.Body.Contains(Credential.Hash(LegacyKey), StringComparison.Ordinal)
            ? (200, $$$"""[{"is_valid":true,"user_id":"{{{_user}}}","permissions":{"kb_access":true}}]""")
            : (200, """[{"is_valid":false,"user_id":null,"permissions":null}]"""));

        var answer = await ExchangeKeyAsync(LegacyKey);
        Assert.Equal((true, _user.ToString(), "[]"), ((bool)answer["valid"]!, (string?)answer["user_id"], answer["scopes"]!.ToJsonString()));
        Assert.Equal((string?)answer["api_key_id"], (string?)(await ExchangeKeyAsync(LegacyKey))["api_key_id"]);
        Assert.False((bool)(await ExchangeKeyAsync("gaia_prod_zzzzzzzzzzABCDEFGHIJ0123456789ab"))["valid"]!);
        var calls = _project.Requests.Where(request => request.Target.StartsWith("/rest", StringComparison.Ordinal)).ToList();
        Assert.All(calls, call => Assert.Equal(ScriptedGoTrue.ServiceKey, call.ApiKey));
        Assert.DoesNotContain(calls, call => call.Body.Contains(LegacyKey, StringComparison.Ordinal));

        Assert.True((bool)(await ExchangeKeyAsync(own.Secret))["valid"]!);
        Assert.True((bool)(await ExchangeKeyAsync(AuthHost.DevelopmentKey))["valid"]!);
        Assert.Equal(calls.Count, _project.Requests.Count(request => request.Target.StartsWith("/rest", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_older_project_has_only_the_longer_function_and_one_that_is_away_is_an_outage()
    {
        _project.On("/rest/v1/rpc/validate_api_key", 200, $$"""[{"user_id":"{{_user}}","permissions":{"admin":true},"is_valid":true}]""");
        // What stands in its permissions its owner may have written there: it makes nobody an administrator.
        var exchanged = await ExchangeKeyAsync(LegacyKey);
        Assert.Equal("[]", exchanged["scopes"]!.ToJsonString());
        Assert.Equal(["user"], new JsonWebToken((string)exchanged["internal_token"]!).GetPayloadValue<string[]>(InternalTokenClaims.Roles));

        _project.Trouble = static context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        using var answer = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = LegacyKey });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task With_both_a_key_of_a_legacy_form_is_looked_up_here_first()
    {
        await NativeServers.ExecuteAsync(_database, $"INSERT INTO users (id, email) VALUES ('{_user}', '{_email}'); INSERT INTO api_keys (user_id, key_hash) VALUES ('{_user}', '{Credential.Hash(LegacyKey)}')");
        _project.On("/rest/v1/rpc/validate_api_key_simple", 200, """{"is_valid":false}""");
        Assert.False((bool)(await ExchangeKeyAsync(LegacyKey))["valid"]!);

        await using var dual = await AuthHost.StartAsync(servers, _database, settings: [.. _project.Settings, ("AUTH_BACKEND", "dual")]);
        using var answer = await dual.AsService.PostAsJsonAsync("/internal/validate", new { api_key = LegacyKey });
        Assert.Contains("\"valid\":true", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH_BACKEND", "supabase", "SUPABASE_URL")]
    [InlineData("SUPABASE_AUTH_ENABLED", "true", "SUPABASE_URL")]
    [InlineData("AUTH_BACKEND", "ldap", "AUTH_BACKEND")]
    [InlineData("SUPABASE_URL", "not an address", "SUPABASE_URL")]
    [InlineData("SUPABASE_JWT_SECRET", "short", "SUPABASE_JWT_SECRET")]
    public async Task A_bad_setting_is_told_at_the_start(string name, string value, string told)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => AuthHost.StartAsync(servers, _database, settings: (name, value)));
        Assert.Contains(told, exception.Message, StringComparison.Ordinal);
    }

    private async Task<(int Status, string? Detail)> AskAsync(string operation)
    {
        var (status, body) = await _auth.PostAsync(operation, operation switch
        {
            "refresh" => new { refresh_token = "x" },
            "confirm" => new { token = "123456", email = _email },
            "resend-verification" => new { email = _email },
            _ => (object)new { email = _email, password = UserRequests.Password },
        });
        return ((int)status, (string?)body["detail"]);
    }

    private async Task<JsonNode> ExchangeKeyAsync(string key)
    {
        using var response = await _auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = key });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static string[] Roles(JsonNode exchange) => new JsonWebToken((string)exchange["internal_token"]!).GetPayloadValue<string[]>(InternalTokenClaims.Roles);

    private static async Task<HttpStatusCode> StatusAsync(GatewayHost gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations") { Headers = { Authorization = new("Bearer", token) } };
        using var answer = await gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(_database, sql);
}

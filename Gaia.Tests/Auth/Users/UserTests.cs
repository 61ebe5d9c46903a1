using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.Tests.Auth.Users;

/// <summary>Users in Gaia's own tables: registering and signing in.</summary>
[Collection(SharedServers.Name)]
public sealed class UserTests(NativeServers servers) : IAsyncLifetime
{
    private string _database = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, settings: ("Auth:PasswordIterations", "1000"));
    }

    public async Task DisposeAsync() => await _auth.DisposeAsync();

    [Theory]
    [InlineData("/auth")]
    [InlineData("/api/v1/auth")]
    [InlineData("/api/v0.3/auth")]
    public async Task A_user_registers_logs_in_refreshes_and_logs_out_under_every_prefix(string prefix)
    {
        var email = UserRequests.NewEmail();
        var (registered, body) = await _auth.PostAsync($"{prefix}/register", new { email, password = UserRequests.Password });
        Assert.Equal(HttpStatusCode.OK, registered);
        Assert.Equal(email, (string?)body["user"]!["email"]);

        var (loggedIn, session) = await _auth.PostAsync($"{prefix}/login", new { email, password = UserRequests.Password });
        Assert.Equal(HttpStatusCode.OK, loggedIn);
        var (refreshed, next) = await _auth.PostAsync($"{prefix}/refresh", new { refresh_token = (string?)session["session"]!["refresh_token"] });
        Assert.Equal(HttpStatusCode.OK, refreshed);
        var token = (string)next["session"]!["access_token"]!;
        Assert.True(await _auth.CountsAsync(token));

        var (loggedOut, answer) = await _auth.PostAsync($"{prefix}/logout", null, token);
        Assert.Equal((HttpStatusCode.OK, """{"message":"Logged out successfully"}"""), (loggedOut, answer.ToJsonString()));
        Assert.False(await _auth.CountsAsync(token));
    }

    [Fact]
    public async Task User_and_session_have_the_shapes_of_GoTrue()
    {
        var (_, body) = await _auth.PostAsync("register", new { email = "Shape.Of@Example.com ", password = UserRequests.Password });

        Assert.Equal(["user", "session"], Names(body));
        string[] user =
        [
            "id", "aud", "role", "email", "email_confirmed_at", "phone", "confirmation_sent_at", "confirmed_at", "last_sign_in_at",
            "app_metadata", "user_metadata", "identities", "factors", "created_at", "updated_at", "is_anonymous",
        ];
        Assert.Equal(user, Names(body["user"]!));
        Assert.Equal(user, Names(body["session"]!["user"]!));
        Assert.Equal(
            ["provider_token", "provider_refresh_token", "access_token", "refresh_token", "expires_in", "expires_at", "token_type", "user"], Names(body["session"]!));
        Assert.Equal(("shape.of@example.com", "authenticated", "authenticated"), ((string?)body["user"]!["email"], (string?)body["user"]!["aud"], (string?)body["user"]!["role"]));
        Assert.Null(body["user"]!["email_confirmed_at"]);
        Assert.Equal("""{"provider":"email","providers":["email"]}""", body["user"]!["app_metadata"]!.ToJsonString());
        Assert.Equal((3600, "bearer"), ((int)body["session"]!["expires_in"]!, (string?)body["session"]!["token_type"]));
        Assert.InRange((long)body["session"]!["expires_at"]!, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3500, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600);

        var token = new JsonWebToken((string)body["session"]!["access_token"]!);
        Assert.Equal(("ES256", (string?)body["user"]!["id"], "authenticated"), (token.Alg, token.Subject, token.GetPayloadValue<string>("role")));
        Assert.Equal(["authenticated"], token.Audiences);
        Assert.Equal("shape.of@example.com", token.GetPayloadValue<string>("email"));
        Assert.True(Guid.TryParse(token.GetPayloadValue<string>("session_id"), out _));
    }

    [Fact]
    public async Task The_exchange_of_a_users_token_gives_an_internal_token_of_the_user_that_ends_no_later()
    {
        var user = await _auth.RegisterAsync();

        var answer = await _auth.ExchangeAsync(user.AccessToken);

        Assert.Equal(("jwt", user.UserId.ToString(), user.Email), ((string?)answer["auth_type"], (string?)answer["user_id"], (string?)answer["email"]));
        var token = new JsonWebToken((string)answer["internal_token"]!);
        Assert.Equal(new JsonWebToken(user.AccessToken).GetPayloadValue<string>("session_id"), token.GetPayloadValue<string>("session_id"));
        Assert.True(token.ValidTo <= new JsonWebToken(user.AccessToken).ValidTo);
    }

    [Theory]
    [InlineData("""{"email":"no address","password":"long enough"}""", "Please enter a valid email address")]
    [InlineData("""{"email":"a@b","password":"long enough"}""", "Please enter a valid email address")]
    [InlineData("""{"email":"someone@users.invalid","password":"long enough"}""", "Please enter a valid email address")]
    [InlineData("""{"email":"short@example.com","password":"12345"}""", "Password must be at least 6 characters long")]
    [InlineData("""{"email":"operator@gaia.local","password":"long enough"}""", "Registration is not allowed for this email domain")]
    public async Task What_cannot_be_registered_is_refused_in_the_contracts_words(string body, string detail) =>
        await AssertRefusedAsync("register", body, HttpStatusCode.BadRequest, detail);

    [Theory]
    [InlineData("register", "{}", "email password")]
    [InlineData("register", """{"email":"a@example.com"}""", "password")]
    [InlineData("login", """{"password":null}""", "email password")]
    [InlineData("refresh", "{}", "refresh_token")]
    [InlineData("confirm", """{"token":"x"}""", "email")]
    [InlineData("resend-verification", "{}", "email")]
    public async Task A_missing_field_is_422_with_every_missing_field(string operation, string body, string missing)
    {
        using var response = await _auth.Client.PostAsync($"/auth/{operation}", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var detail = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.AsArray();
        Assert.Equal(missing.Split(' ').Select(name => $$"""{"type":"missing","loc":["body","{{name}}"],"msg":"Field required"}"""), detail.Select(entry => entry!.ToJsonString()));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"email":7,"password":{}}""")]
    [InlineData("""{"email":"a@example.com","password":"\ud800 lone"}""")]
    [InlineData("""{"email":"a@example.com","password":"long enough","\ud800":1}""")]
    public async Task A_body_that_is_no_such_object_is_422(string body)
    {
        using var response = await _auth.Client.PostAsync("/auth/login", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.NotEmpty(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]!.AsArray());
    }

    [Fact]
    public async Task An_address_registers_once_in_whatever_case_and_however_many_try_at_once()
    {
        var email = UserRequests.NewEmail();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _auth.PostAsync("register", new { email = i % 2 == 0 ? email : email.ToUpperInvariant(), password = UserRequests.Password })));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
            Assert.Equal((HttpStatusCode.BadRequest, """{"detail":"This email is already registered"}"""), (answer.Status, answer.Body.ToJsonString())));
        Assert.Equal(1L, await QueryAsync<long>($"SELECT count(*) FROM users WHERE lower(email) = '{email}'"));
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_address_and_no_address_get_the_same_answer()
    {
        var user = await _auth.RegisterAsync();
        foreach (var email in new[] { user.Email, UserRequests.NewEmail(), "nonsense" })
            await AssertRefusedAsync("login", $$"""{"email":"{{email}}","password":"wrong password"}""", HttpStatusCode.BadRequest, "Login failed: Invalid login credentials");
    }

    [Fact]
    public async Task A_password_is_stored_as_a_hash_alone_and_hashed_anew_when_the_rounds_have_grown()
    {
        var user = await _auth.RegisterAsync();
        Assert.Equal(0, await servers.CountStatementsAsync(UserRequests.Password));
        var before = await HashAsync();

        await using var stronger = await AuthHost.StartAsync(servers, _database, settings: ("Auth:PasswordIterations", "2000"));
        await stronger.LoginAsync(user.Email);

        Assert.NotEqual(before, await HashAsync());
        await _auth.LoginAsync(user.Email);

        Task<string?> HashAsync() => QueryAsync<string>($"SELECT password_hash FROM auth_accounts WHERE email = '{user.Email}'");
    }

    [Fact]
    public async Task A_blocked_domain_cannot_register()
    {
        await using var auth = await AuthHost.StartAsync(servers, _database, settings: [("Auth:BlockedEmailDomains", "spam.example, other.example")]);

        var (status, body) = await auth.PostAsync("register", new { email = "a@Spam.Example", password = UserRequests.Password });

        Assert.Equal((HttpStatusCode.BadRequest, "Registration is not allowed for this email domain"), (status, (string?)body["detail"]));
    }

    [Fact]
    public async Task Without_PostgreSQL_signing_in_is_an_outage_not_a_refusal()
    {
        var user = await _auth.RegisterAsync();
        await servers.Postgres.StopAsync();
        try
        {
            foreach (var (operation, body) in new (string, object)[]
            {
                ("login", new { email = user.Email, password = UserRequests.Password }), ("refresh", new { refresh_token = user.RefreshToken }), ("validate", new { token = user.AccessToken }),
            })
            {
                var (status, _) = await _auth.PostAsync(operation, body).WaitAsync(TimeSpan.FromSeconds(10));
                Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            }
        }
        finally
        {
            await servers.Postgres.StartAsync();
        }
    }

    private async Task AssertRefusedAsync(string operation, string body, HttpStatusCode status, string detail)
    {
        using var response = await _auth.Client.PostAsync($"/auth/{operation}", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal((status, detail), (response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["detail"]));
    }

    private static IEnumerable<string> Names(JsonNode node) => node.AsObject().Select(field => field.Key);

    private Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(_database, sql);
}

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Gaia.Auth.Tokens;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Tests.Auth.Users;

/// <summary>How long tokens count, and what ends them.</summary>
[Collection(SharedServers.Name)]
public sealed class SessionTests(NativeServers servers) : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private string _database = null!;
    private AuthHost _auth = null!;

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        _auth = await AuthHost.StartAsync(servers, _database, clock: _clock, settings: ("Auth:PasswordIterations", "1000"));
    }

    public async Task DisposeAsync() => await _auth.DisposeAsync();

    [Fact]
    public async Task A_refresh_token_used_again_ends_the_whole_session()
    {
        var user = await _auth.RegisterAsync();
        var other = await _auth.LoginAsync(user.Email);
        var second = await RefreshAsync(user.RefreshToken);
        var third = await RefreshAsync(second.RefreshToken);
        Assert.Equal(3, new[] { user, second, third }.Select(tokens => tokens.RefreshToken).Distinct().Count());
        Assert.True(await _auth.CountsAsync(third.AccessToken));

        // A thief, or the one who was robbed: nobody can tell which.
        await AssertRefusedAsync(user.RefreshToken, "Already Used");

        foreach (var tokens in new[] { user, second, third })
            Assert.False(await _auth.CountsAsync(tokens.AccessToken));
        await AssertRefusedAsync(third.RefreshToken, "Session Not Found");
        Assert.True(await _auth.CountsAsync(other.AccessToken));
        Assert.Equal("session_revoked", await QueryAsync<string>($"SELECT event_type FROM permission_audit_log WHERE target_user_id = '{user.UserId}' AND target_type = 'session'"));
    }

    [Fact]
    public async Task A_client_that_lost_the_answer_may_repeat_its_refresh_for_some_seconds_and_gets_the_same_token()
    {
        var user = await _auth.RegisterAsync();
        var lost = await RefreshAsync(user.RefreshToken);

        var repeated = await RefreshAsync(user.RefreshToken);
        Assert.Equal(lost.RefreshToken, repeated.RefreshToken);
        Assert.True(await _auth.CountsAsync(repeated.AccessToken));

        _clock.Advance(TimeSpan.FromSeconds(11));
        await AssertRefusedAsync(user.RefreshToken, "Already Used");
        await AssertRefusedAsync(repeated.RefreshToken, "Session Not Found");
    }

    [Fact]
    public async Task Many_refreshes_at_once_agree_on_the_next_token()
    {
        var user = await _auth.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RefreshAsync(user.RefreshToken)));

        var next = Assert.Single(answers.Select(answer => answer.RefreshToken).Distinct());
        await RefreshAsync(next);
    }

    [Fact]
    public async Task Tokens_end_in_their_time()
    {
        var user = await _auth.RegisterAsync();

        _clock.Advance(TimeSpan.FromMinutes(58));
        var answer = await _auth.ExchangeAsync(user.AccessToken);
        Assert.InRange((DateTimeOffset)answer["expires_at"]! - _clock.GetUtcNow(), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.False(await _auth.CountsAsync(user.AccessToken));

        var next = await RefreshAsync(user.RefreshToken);
        _clock.Advance(TimeSpan.FromDays(31));
        await _auth.Services.GetRequiredService<SigningKeys>().RefreshAsync(CancellationToken.None);
        await AssertRefusedAsync(next.RefreshToken, "Session Expired");
        await AssertRefusedAsync("never-given-out", "Not Found");
    }

    [Fact]
    public async Task A_rotation_of_the_signing_keys_ends_no_token()
    {
        _clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1));
        var user = await _auth.RegisterAsync();

        for (var minutes = 0; minutes < 55; minutes += 5)
        {
            _clock.Advance(TimeSpan.FromMinutes(5));
            await _auth.Services.GetRequiredService<SigningKeys>().RefreshAsync(CancellationToken.None);
        }

        Assert.NotEqual(new JsonWebToken(user.AccessToken).Kid, new JsonWebToken((await _auth.RegisterAsync()).AccessToken).Kid);
        Assert.True(await _auth.CountsAsync(user.AccessToken));
    }

    [Fact]
    public async Task Tokens_are_stored_as_hashes_alone()
    {
        var user = await _auth.RegisterAsync();
        var next = await RefreshAsync(user.RefreshToken);
        await _auth.CountsAsync(next.AccessToken);

        foreach (var secret in new[] { user.RefreshToken, next.RefreshToken, user.AccessToken, next.AccessToken })
            Assert.Equal(0, await servers.CountStatementsAsync(secret));
    }

    [Fact]
    public async Task Logging_out_is_heard_by_the_gateway_within_a_second_for_every_token_of_the_session()
    {
        await using var chat = await StubService.StartAsync();
        await using var gateway = await GatewayHost.StartAsync(servers, _auth.Url, chat.Url);
        var user = await _auth.RegisterAsync();
        var other = await _auth.LoginAsync(user.Email);
        var next = await RefreshAsync(user.RefreshToken);
        foreach (var token in new[] { user.AccessToken, next.AccessToken, other.AccessToken })
            await Eventually.TrueAsync(async () => await AskAsync(gateway, token) == HttpStatusCode.OK);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/logout") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", next.AccessToken) } };
        using var loggedOut = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, loggedOut.StatusCode);

        foreach (var token in new[] { user.AccessToken, next.AccessToken })
            await Eventually.TrueAsync(async () => await AskAsync(gateway, token) == HttpStatusCode.Unauthorized, seconds: 1);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, other.AccessToken));
    }

    [Fact]
    public async Task Logging_out_needs_no_token_that_counts()
    {
        var user = await _auth.RegisterAsync();
        foreach (var token in new[] { null, "nonsense", "a.b.c", user.AccessToken + "x" })
            Assert.Equal(HttpStatusCode.OK, (await _auth.PostAsync("logout", null, token)).Status);
        Assert.True(await _auth.CountsAsync(user.AccessToken));

        _clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(HttpStatusCode.OK, (await _auth.PostAsync("logout", null, user.AccessToken)).Status);
        await AssertRefusedAsync(user.RefreshToken, "Session Not Found");
        Assert.Equal(HttpStatusCode.OK, (await _auth.PostAsync("logout", null, user.AccessToken)).Status);
    }

    [Fact]
    public async Task A_token_that_is_not_exactly_ours_does_not_count()
    {
        var user = await _auth.RegisterAsync();
        var parts = user.AccessToken.Split('.');
        var genuine = new JsonWebToken(user.AccessToken);
        var jwk = new JsonWebKeySet(await _auth.Client.GetStringAsync("/.well-known/jwks.json")).Keys[0];
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new ECDsaSecurityKey(ecdsa) { KeyId = genuine.Kid };
        var internalToken = (string)(await _auth.ExchangeAsync(user.AccessToken))["internal_token"]!;
        var rowless = _auth.Services.GetRequiredService<SigningKeys>().Current;

        string[] forged =
        [
            $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.",
            $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("false", "true", StringComparison.Ordinal))}.{parts[2]}",
            Sign(new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256)),
            Sign(new SigningCredentials(new ECDsaSecurityKey(ecdsa) { KeyId = "unknown" }, SecurityAlgorithms.EcdsaSha256)),
            Sign(new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(jwk.X + jwk.Y)) { KeyId = jwk.Kid }, SecurityAlgorithms.HmacSha256)),
            Sign(rowless),
            Sign(rowless, audience: "somebody"),
            Sign(rowless, issuer: "somebody"),
            internalToken,
        ];
        foreach (var token in forged)
            Assert.False(await _auth.CountsAsync(token), token);
        Assert.True(await _auth.CountsAsync(user.AccessToken));

        string Sign(SigningCredentials credentials, string issuer = "gaia-users", string audience = "authenticated") => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = DateTime.UtcNow.AddMinutes(5),
            Claims = new Dictionary<string, object> { ["sub"] = user.UserId.ToString(), ["session_id"] = genuine.GetPayloadValue<string>("session_id") },
            SigningCredentials = credentials,
        });
    }

    [Theory]
    [InlineData("gaia-auth")]
    [InlineData("gaia-auth-service")]
    public async Task The_tokens_of_users_cannot_be_issued_under_the_name_of_other_tokens(string issuer)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => AuthHost.StartAsync(servers, _database, settings: ("Auth:Issuer", issuer)));

        Assert.Contains("Auth:Issuer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_whom_an_administrator_keeps_out_gets_no_token_and_has_none_that_counts()
    {
        var user = await _auth.RegisterAsync();
        await NativeServers.ExecuteAsync(_database, $"UPDATE users SET disabled_at = now() AT TIME ZONE 'utc' WHERE id = '{user.UserId}'");

        Assert.False(await _auth.CountsAsync(user.AccessToken));
        Assert.False((bool)(await _auth.PostAsync("validate", new { token = user.AccessToken })).Body["valid"]!);
        await AssertRefusedAsync(user.RefreshToken, "User is banned");
        var (status, body) = await _auth.PostAsync("login", new { email = user.Email, password = UserRequests.Password });
        Assert.Equal((HttpStatusCode.BadRequest, "Login failed: User is banned"), (status, (string?)body["detail"]));

        await NativeServers.ExecuteAsync(_database, $"UPDATE users SET disabled_at = NULL WHERE id = '{user.UserId}'");
        await RefreshAsync(user.RefreshToken);
    }

    [Fact]
    public async Task What_has_ended_is_deleted_in_time()
    {
        var user = await _auth.RegisterAsync();
        await RefreshAsync(user.RefreshToken);
        _clock.Advance(TimeSpan.FromDays(60));

        await using var later = await AuthHost.StartAsync(servers, _database, clock: _clock);

        await Eventually.TrueAsync(async () => await QueryAsync<long>(
            "SELECT (SELECT count(*) FROM auth_sessions) + (SELECT count(*) FROM auth_refresh_tokens) + (SELECT count(*) FROM auth_access_tokens) + (SELECT count(*) FROM auth_confirmations) + (SELECT count(*) FROM auth_mail_outbox) + (SELECT count(*) FROM auth_throttle)") == 0);
        Assert.Equal(1L, await QueryAsync<long>("SELECT count(*) FROM auth_accounts"));
    }

    private async Task<Signed> RefreshAsync(string refreshToken)
    {
        var (status, body) = await _auth.PostAsync("refresh", new { refresh_token = refreshToken });
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return Signed.Read(body);
    }

    private async Task AssertRefusedAsync(string refreshToken, string reason)
    {
        var (status, body) = await _auth.PostAsync("refresh", new { refresh_token = refreshToken });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var detail = (string)body["detail"]!;
        Assert.StartsWith("Token refresh failed: ", detail, StringComparison.Ordinal);
        Assert.EndsWith(reason, detail, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> AskAsync(GatewayHost gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await gateway.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(_database, sql);
}

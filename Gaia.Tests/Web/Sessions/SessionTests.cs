using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Sessions;

[Collection(SharedServers.Name)]
public sealed class SessionTests(WebFixture shared) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task Signing_in_sets_a_cookie_that_no_script_reads_and_leads_to_where_the_person_was()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = (await shared.Auth.RegisterAsync()).Email;

        var first = await browser.GetAsync("/profile?tab=keys");
        Assert.Equal((HttpStatusCode.SeeOther, "/login?return_url=%2Fprofile%3Ftab%3Dkeys"), (first.Status, first.Location));
        await browser.GetAsync(first.Location!);
        var answer = await browser.PostAsync("/auth/login", ("email", email), ("password", UserRequests.Password), ("return_url", "/profile?tab=keys"));

        Assert.Equal((HttpStatusCode.SeeOther, "/profile?tab=keys"), (answer.Status, answer.Location));
        var cookie = answer.Headers["Set-Cookie"].Split('\n').Single(cookie => cookie.StartsWith("session=", StringComparison.Ordinal));
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(email, (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);
        Assert.Equal("/chat", (await browser.GetAsync("/")).Location);
    }

    [Theory]
    [InlineData("gaia.example", true)]
    [InlineData("192.0.2.7:8080", true)]
    [InlineData("localhost.example", true)]
    [InlineData("localhost:5000", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("[::1]:5000", false)]
    public async Task The_session_goes_over_encrypted_connections_only_except_on_this_machine(string host, bool isSecure)
    {
        var email = (await shared.Auth.RegisterAsync()).Email;
        using var browser = new WebBrowser(shared.Web.Url) { Host = host };

        var page = await browser.GetAsync("/login");
        Assert.Equal(isSecure, IsSecure(page.Headers["Set-Cookie"], "antiforgery"));
        browser.Keep("antiforgery", page.Headers["Set-Cookie"]);
        var answer = await browser.PostAsync("/auth/login", ("email", email), ("password", UserRequests.Password));

        Assert.Equal(HttpStatusCode.SeeOther, answer.Status);
        Assert.Equal(isSecure, IsSecure(answer.Headers["Set-Cookie"], "session"));
    }

    private static bool IsSecure(string cookies, string name) =>
        cookies.Split('\n').Single(cookie => cookie.StartsWith($"{name}=", StringComparison.Ordinal)).Contains("; secure", StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task Htmx_is_led_with_a_header_in_place_of_a_redirect()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = (await shared.Auth.RegisterAsync()).Email;

        var refused = await browser.GetAsync("/profile", htmx: true, ("HX-Current-URL", $"{shared.Web.Url}/chat/abc"));
        Assert.Equal((HttpStatusCode.OK, "/login?return_url=%2Fchat%2Fabc", null), (refused.Status, refused.Header("HX-Redirect"), refused.Location));

        await browser.GetAsync("/login");
        var signedIn = await browser.PostHtmxAsync("/auth/login", ("email", email), ("password", UserRequests.Password));
        Assert.Equal((HttpStatusCode.OK, "/chat"), (signedIn.Status, signedIn.Header("HX-Redirect")));
    }

    [Fact]
    public async Task Logging_out_ends_the_session_here_and_its_tokens_everywhere()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = await browser.RegisterAsync();

        var link = await browser.GetAsync("/logout");
        Assert.Equal(HttpStatusCode.OK, link.Status);
        Assert.Contains("<form method=\"post\" action=\"/logout\">", link.Body, StringComparison.Ordinal);
        var token = browser.Token;
        browser.Token = null;
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/logout")).Status);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/profile")).Status);

        browser.Token = token;
        var answer = await browser.PostAsync("/logout");
        Assert.Equal((HttpStatusCode.SeeOther, "/login"), (answer.Status, answer.Location));
        Assert.Null(browser.Cookie("session"));
        Assert.Equal(0, await CountSessionsAsync(email));
        Assert.Equal(1, await NativeServers.QueryAsync<long>(shared.Database,
            $"SELECT count(*) FROM auth_sessions s JOIN auth_accounts a ON a.user_id = s.user_id WHERE a.email = '{email}' AND s.revoked_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_session_that_nobody_used_for_a_day_leads_back_to_where_the_person_was()
    {
        var clock = new ShiftedClock();
        await using var web = await shared.StartWebAsync(clock: clock);
        using var browser = new WebBrowser(web.Url);
        await browser.RegisterAsync();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/profile")).Status);

        clock.Advance(TimeSpan.FromHours(25));

        Assert.Equal("/login?return_url=%2Fprofile", (await browser.GetAsync("/profile")).Location);
    }

    [Fact]
    public async Task Requests_at_once_share_one_refresh_of_the_tokens()
    {
        var clock = new ShiftedClock();
        var (database, auth, gateway) = await shared.StartAtAsync(clock);
        await using var disposesAuth = auth;
        await using var disposesGateway = gateway;
        await using var web = await shared.StartWebAsync(clock: clock, gatewayUrl: gateway.Url, database: database);
        using var browser = new WebBrowser(web.Url);
        await browser.RegisterAsync();
        Assert.Equal(1, await CountRefreshTokensAsync(database));

        clock.Advance(TimeSpan.FromMinutes(59.5));
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => browser.GetAsync("/profile")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(answers, answer => Assert.Contains("You have no API keys", answer.Body, StringComparison.Ordinal));
        Assert.Equal(2, await CountRefreshTokensAsync(database));
    }

    [Fact]
    public async Task A_replica_that_remembers_older_tokens_uses_those_that_another_has_got()
    {
        var clock = new ShiftedClock();
        var (database, auth, gateway) = await shared.StartAtAsync(clock);
        await using var disposesAuth = auth;
        await using var disposesGateway = gateway;
        await using var one = await shared.StartWebAsync(clock: clock, gatewayUrl: gateway.Url, database: database);
        await using var two = await shared.StartWebAsync(clock: clock, gatewayUrl: gateway.Url, database: database);
        using var browser = new WebBrowser(one.Url);
        using var other = browser.At(two.Url);
        await browser.RegisterAsync();
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/profile")).Status);

        clock.Advance(TimeSpan.FromMinutes(59.5));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/profile")).Status);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/profile")).Status);
        Assert.Equal(2, await CountRefreshTokensAsync(database));
    }

    [Fact]
    public async Task A_refresh_that_is_refused_ends_the_session_and_leads_to_the_login()
    {
        var clock = new ShiftedClock();
        await using var web = await shared.StartWebAsync(clock: clock);
        using var browser = new WebBrowser(web.Url);
        var email = await browser.RegisterAsync();
        await NativeServers.ExecuteAsync(shared.Database, $"UPDATE auth_sessions s SET revoked_at = now() FROM auth_accounts a WHERE a.user_id = s.user_id AND a.email = '{email}'");

        clock.Advance(TimeSpan.FromMinutes(59.5));
        var answer = await browser.GetAsync("/profile");

        Assert.Equal((HttpStatusCode.SeeOther, "/login?return_url=%2Fprofile"), (answer.Status, answer.Location));
        Assert.Null(browser.Cookie("session"));
        Assert.Equal(0, await CountSessionsAsync(email));
    }

    [Fact]
    public async Task A_gateway_that_is_away_signs_nobody_out()
    {
        var clock = new ShiftedClock();
        await using var web = await shared.StartWebAsync(clock: clock, gatewayUrl: shared.Gateway.Url);
        await using var alone = await shared.StartWebAsync(clock: clock, gatewayUrl: "http://127.0.0.1:9");
        using var browser = new WebBrowser(web.Url);
        var email = await browser.RegisterAsync();
        using var other = browser.At(alone.Url);
        clock.Advance(TimeSpan.FromMinutes(59.5));

        var profile = await other.GetAsync("/profile");
        Assert.Equal(HttpStatusCode.OK, profile.Status);
        Assert.Contains("Your keys cannot be shown right now", profile.Body, StringComparison.Ordinal);
        Assert.Equal(1, await CountSessionsAsync(email));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/profile")).Status);

        using var stranger = new WebBrowser(alone.Url);
        Assert.Contains("Connection error. Please try again.", (await stranger.LoginAsync(email)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_replicas_share_sessions_and_the_key_ring_and_hear_of_a_logout()
    {
        await using var second = await shared.StartWebAsync();
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.RegisterAsync();
        await browser.GetAsync("/profile");

        // The page came from one, its form goes to the other.
        using var there = browser.At(second.Url);
        Assert.Contains("Profile updated", (await there.PostHtmxAsync("/api/profile/update", ("name", "Ada"))).Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await browser.GetAsync("/profile")).Body.Contains("value=\"Ada\"", StringComparison.Ordinal), seconds: 5);

        using var copy = new WebBrowser(second.Url);
        var key = browser.Cookie("session")!;
        Assert.Equal(HttpStatusCode.OK, (await copy.GetAsync("/profile", headers: ("Cookie", $"session={key}"))).Status);
        await browser.GetAsync("/profile");
        await browser.PostAsync("/logout");
        await Eventually.TrueAsync(async () => (await copy.GetAsync("/profile", headers: ("Cookie", $"session={key}"))).Status == HttpStatusCode.SeeOther, seconds: 5);
    }

    [Fact]
    public async Task Signing_in_again_gives_a_new_key_and_ends_the_former()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var first = await browser.RegisterAsync();
        var second = (await shared.Auth.RegisterAsync()).Email;
        var key = browser.Cookie("session");

        // The page with the form was opened before, in another tab.
        using var fresh = new WebBrowser(shared.Web.Url);
        await fresh.GetAsync("/login");
        var antiforgery = fresh.Cookie("antiforgery");
        var answer = await PostWithCookiesAsync($"session={key}; antiforgery={antiforgery}", fresh.Token!, second);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("session=", StringComparison.Ordinal));
        Assert.DoesNotContain(key!, cookie, StringComparison.Ordinal);
        Assert.Equal((0, 1), (await CountSessionsAsync(first), await CountSessionsAsync(second)));
    }

    [Fact]
    public async Task Who_reads_the_database_reads_no_token_no_address_and_no_key()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = await browser.RegisterAsync();

        var rows = await NativeServers.QueryAsync<string>(shared.Database, "SELECT string_agg(id || encode(ticket, 'escape') || encode(tokens, 'escape'), ' ') FROM web_sessions");
        var keys = await NativeServers.QueryAsync<string>(shared.Database, "SELECT string_agg(xml, ' ') FROM data_protection_keys");

        Assert.NotNull(rows);
        Assert.DoesNotContain("eyJ", rows, StringComparison.Ordinal);
        Assert.DoesNotContain(email, rows, StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Cookie("session")!, rows, StringComparison.Ordinal);
        Assert.Contains("KeyRingDecryptor", keys, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", keys, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ended_sessions_are_deleted()
    {
        await NativeServers.ExecuteAsync(shared.Database, "INSERT INTO web_sessions (id, user_id, ticket, tokens, expires_at) SELECT md5(n::text) || md5(n::text), gen_random_uuid(), '', '', now() - interval '1 minute' FROM generate_series(1, 1500) n");

        await ((Gaia.Web.Sessions.SessionCleanup)shared.Web.Services.GetService(typeof(Gaia.Web.Sessions.SessionCleanup))!).MaintainAsync(CancellationToken.None);

        Assert.Equal(0, await NativeServers.QueryAsync<long>(shared.Database, "SELECT count(*) FROM web_sessions WHERE expires_at < now()"));
    }

    [Fact]
    public async Task No_token_reaches_the_browser_or_the_log()
    {
        var log = new LogSink();
        await using var web = await shared.StartWebAsync(log: log);
        using var browser = new WebBrowser(web.Url);
        await browser.RegisterAsync();

        var session = await browser.GetAsync("/api/session");
        Assert.Contains("\"authenticated\":true", session.Body, StringComparison.Ordinal);
        foreach (var seen in new[] { session.Body, (await browser.GetAsync("/api/user")).Body, (await browser.GetAsync("/profile")).Body })
            Assert.DoesNotContain("eyJ", seen, StringComparison.Ordinal);
        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Contains("eyJ", StringComparison.Ordinal) || line.Contains(UserRequests.Password, StringComparison.Ordinal));
    }

    private Task<long> CountSessionsAsync(string email) => NativeServers.QueryAsync<long>(shared.Database,
        $"SELECT count(*) FROM web_sessions s JOIN auth_accounts a ON a.user_id = s.user_id WHERE a.email = '{email}'");

    private static Task<long> CountRefreshTokensAsync(string database) => NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM auth_refresh_tokens");

    private async Task<HttpResponseMessage> PostWithCookiesAsync(string cookies, string token, string email)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{shared.Web.Url}/auth/login");
        request.Headers.Add("Cookie", cookies);
        request.Content = new FormUrlEncodedContent(
            [KeyValuePair.Create("email", email), KeyValuePair.Create("password", UserRequests.Password), KeyValuePair.Create("__RequestVerificationToken", token)]);
        return await client.SendAsync(request);
    }
}

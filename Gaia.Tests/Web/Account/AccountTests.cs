using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Account;

[Collection(SharedServers.Name)]
public sealed partial class AccountTests(WebFixture shared) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task A_wrong_password_is_told_in_place_of_the_form()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = (await shared.Auth.RegisterAsync()).Email;
        await browser.GetAsync("/login");

        var fragment = await browser.PostHtmxAsync("/auth/login", ("email", email), ("password", "wrong password"));
        Assert.Equal(HttpStatusCode.OK, fragment.Status);
        Assert.StartsWith("<div id=\"auth-form-container\"", fragment.Body.TrimStart(), StringComparison.Ordinal);
        Assert.Contains("Invalid email or password", fragment.Body, StringComparison.Ordinal);
        Assert.Contains($"value=\"{email}\"", fragment.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong password", fragment.Body, StringComparison.Ordinal);
        Assert.Null(browser.Cookie("session"));

        // Without a script the whole page comes.
        var page = await browser.PostAsync("/auth/login", ("email", email), ("password", "wrong password"));
        Assert.Contains("<html", page.Body, StringComparison.Ordinal);
        Assert.Contains("Invalid email or password", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_not_confirmed_is_told_and_the_link_in_the_mail_opens_the_login()
    {
        var database = await shared.CreateDatabaseAsync();
        await using var auth = await shared.StartAuthAsync(database, ("Auth:RequireConfirmedEmail", "true"));
        await using var gateway = await shared.StartGatewayAsync(auth.Url);
        await using var web = await shared.StartWebAsync(gatewayUrl: gateway.Url, database: database);
        using var browser = new WebBrowser(web.Url);
        var email = UserRequests.NewEmail();

        await browser.GetAsync("/register");
        var notice = await browser.PostHtmxAsync("/auth/register", ("email", email), ("password", UserRequests.Password));
        Assert.Contains("Check Your Email", notice.Body, StringComparison.Ordinal);
        Assert.Contains(email, notice.Body, StringComparison.Ordinal);

        var refused = await browser.LoginAsync(email);
        Assert.Contains("Email Not Verified", refused.Body, StringComparison.Ordinal);
        Assert.Contains("hx-post=\"/auth/resend-verification\"", refused.Body, StringComparison.Ordinal);
        var resent = await browser.PostHtmxAsync("/auth/resend-verification", ("email", email));
        Assert.Contains("If this address waits for verification, a mail is on its way.", resent.Body, StringComparison.Ordinal);
        Assert.Equal(resent.Body, (await browser.PostHtmxAsync("/auth/resend-verification", ("email", UserRequests.NewEmail()))).Body);

        var wrong = await browser.GetAsync($"/auth/confirm?type=signup&token=wrong&email={Uri.EscapeDataString(email)}");
        Assert.Contains("Confirmation link is expired or invalid", wrong.Body, StringComparison.Ordinal);
        var token = await UserRequests.MailedTokenAsync(database, email);
        var confirmed = await browser.GetAsync($"/auth/confirm?type=signup&token={token}&email={Uri.EscapeDataString(email)}");
        Assert.Equal("/login?verified=true", confirmed.Location);
        Assert.Contains("Email verified successfully", (await browser.GetAsync(confirmed.Location!)).Body, StringComparison.Ordinal);
        Assert.Equal("/chat", (await browser.LoginAsync(email)).Location);
    }

    [Theory]
    [InlineData("not an address", "long enough", "Please enter a valid email address")]
    [InlineData("new@example.com", "short", "Password must be at least 6 characters long")]
    [InlineData("", "long enough", "Email and password are required")]
    public async Task A_registration_that_cannot_be_is_told_why(string email, string password, string text)
    {
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.GetAsync("/register");

        Assert.Contains(text, (await browser.PostHtmxAsync("/auth/register", ("email", email), ("password", password))).Body, StringComparison.Ordinal);
        Assert.Null(browser.Cookie("session"));
    }

    [Fact]
    public async Task An_address_that_is_registered_is_told()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = (await shared.Auth.RegisterAsync()).Email;
        await browser.GetAsync("/register");

        Assert.Contains("This email is already registered", (await browser.PostAsync("/auth/signup", ("email", email), ("password", UserRequests.Password))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_has_the_members_of_the_contract()
    {
        var health = JsonNode.Parse(await shared.Web.Client.GetStringAsync("/health"))!;

        Assert.Equal(("healthy", "web"), ((string?)health["status"], (string?)health["service"]));
        Assert.Equal(shared.Gateway.Url, (string?)health["gateway_url"]);
        Assert.True((bool)health["websocket_enabled"]!);
    }

    [Fact]
    public async Task Behind_a_known_proxy_that_ends_tls_the_cookies_are_secure()
    {
        await using var web = await shared.StartWebAsync(settings: ("Edge:TrustedProxies", "127.0.0.0/8"));
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        foreach (var (url, secure) in new[] { (web.Url, true), (shared.Web.Url, false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}/login");
            request.Headers.Add("X-Forwarded-Proto", "https");
            request.Headers.Add("X-Forwarded-For", "192.0.2.7");
            using var response = await client.SendAsync(request);
            Assert.Equal(secure, response.Headers.GetValues("Set-Cookie").Single().Contains("; secure", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task What_somebody_types_is_never_markup()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.GetAsync("/login");
        using var client = new HttpClient { BaseAddress = browser.Url };

        foreach (var path in new[] { "/email-verification?email=%3Cscript%3Ealert(1)%3C/script%3E", "/login?return_url=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E" })
            Assert.DoesNotContain("<script>alert", await client.GetStringAsync(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/register")]
    [InlineData("/email-verification")]
    [InlineData("/auth/confirm")]
    [InlineData("/profile")]
    public async Task Every_script_of_a_page_carries_the_nonce_of_its_policy_which_is_never_the_same(string path)
    {
        using var browser = new WebBrowser(shared.Web.Url);
        if (path == "/profile")
            await browser.RegisterAsync();
        var nonces = new HashSet<string>();
        for (var time = 0; time < 2; time++)
        {
            var page = await browser.GetAsync(path);
            var policy = page.Headers["Content-Security-Policy"];
            var nonce = Nonce().Match(policy).Groups[1].Value;
            Assert.True(nonces.Add(nonce));
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.NotEmpty(Script().Matches(page.Body));
            Assert.All(Script().Matches(page.Body), script => Assert.Contains($"nonce=\"{nonce}\"", script.Value, StringComparison.Ordinal));
            Assert.DoesNotMatch(Inline(), page.Body);
        }
    }

    [Fact]
    public async Task Clients_that_know_this_address_alone_register_and_log_in_with_json()
    {
        using var client = new HttpClient { BaseAddress = new Uri(shared.Web.Url) };
        var email = UserRequests.NewEmail();

        using var registered = await client.PostAsJsonAsync("/api/v1/auth/register", new { email, password = UserRequests.Password });
        Assert.Equal(HttpStatusCode.OK, registered.StatusCode);
        Assert.False(registered.Headers.Contains("Set-Cookie"));
        using var loggedIn = await client.PostAsJsonAsync("/api/v1/auth/login", new { email, password = UserRequests.Password });
        Assert.NotNull(JsonNode.Parse(await loggedIn.Content.ReadAsStringAsync())!["session"]!["access_token"]);
        using var empty = await client.PostAsJsonAsync("/api/v1/auth/login", new { email });
        Assert.Equal((HttpStatusCode.BadRequest, "Email and password are required"), (empty.StatusCode, (string?)JsonNode.Parse(await empty.Content.ReadAsStringAsync())!["detail"]));
        using var wrong = await client.PostAsJsonAsync("/api/v1/auth/login", new { email, password = "wrong" });
        Assert.Equal((HttpStatusCode.BadRequest, "Login failed: Invalid login credentials"), (wrong.StatusCode, (string?)JsonNode.Parse(await wrong.Content.ReadAsStringAsync())!["detail"]));

        Assert.Equal("""{"authenticated":false}""", await client.GetStringAsync("/api/session"));
        using var user = await client.GetAsync("/api/user");
        Assert.Equal((HttpStatusCode.Unauthorized, """{"error":"Not authenticated"}"""), (user.StatusCode, await user.Content.ReadAsStringAsync()));
        using var models = await client.GetAsync("/api/models");
        Assert.Equal((HttpStatusCode.Unauthorized, """{"error":"Unauthorized"}"""), (models.StatusCode, await models.Content.ReadAsStringAsync()));
        Assert.Contains("\"status\":", await client.GetStringAsync("/api/health"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_development_login_and_the_design_page_are_in_development_alone()
    {
        await using var development = await shared.StartWebAsync("Development");
        using var developer = new WebBrowser(development.Url);
        Assert.Contains("Continue as dev@gaia.local", (await developer.GetAsync("/login")).Body, StringComparison.Ordinal);
        var answer = await developer.PostAsync("/auth/dev-login");
        Assert.Contains("Development login successful", answer.Body, StringComparison.Ordinal);
        Assert.Contains("dev@gaia.local", (await developer.GetAsync("/profile")).Body, StringComparison.Ordinal);
        var design = await developer.GetAsync("/design");
        foreach (var component in new[] { "gaia_logo", "gaia_button", "gaia_input", "gaia_card", "gaia_message_bubble", "gaia_sidebar_header", "gaia_conversation_item", "gaia_chat_input", "id=\"auth-form-container\"", "id=\"user-menu\"", "Check Your Email", "toast toast-warning" })
            Assert.Contains(component, design.Body, StringComparison.Ordinal);
        using var shortcut = new WebBrowser(development.Url);
        Assert.Equal("/chat", (await shortcut.LoginAsync("dev@gaia.local", "testtest")).Location);

        using var browser = new WebBrowser(shared.Web.Url);
        Assert.DoesNotContain("dev@gaia.local", (await browser.GetAsync("/login")).Body, StringComparison.Ordinal);
        Assert.Contains("Invalid email or password", (await browser.LoginAsync("dev@gaia.local", "testtest")).Body, StringComparison.Ordinal);
        foreach (var path in new[] { "/auth/dev-login", "/auth/test-login" })
            Assert.Equal(HttpStatusCode.NotFound, (await browser.PostAsync(path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/design")).Status);
    }

    [Fact]
    public async Task The_test_login_is_for_addresses_of_test_local_in_test_mode()
    {
        await using var web = await shared.StartWebAsync(settings: ("TEST_MODE", "true"));
        using var browser = new WebBrowser(web.Url);
        await browser.GetAsync("/login");

        Assert.Contains("only for addresses of test.local", (await browser.PostAsync("/auth/test-login", ("email", "ada@example.com"))).Body, StringComparison.Ordinal);
        Assert.Equal("/chat", (await browser.PostAsync("/auth/test-login", ("email", $"{Guid.NewGuid():N}@test.local"))).Location);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/profile")).Status);
    }

    [GeneratedRegex("script-src 'nonce-([0-9a-f]{32})';")]
    private static partial Regex Nonce();

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Script();

    [GeneratedRegex("""<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*\ssrc=)""", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();
}

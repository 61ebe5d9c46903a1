using System.Net;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Profile;

[Collection(SharedServers.Name)]
public sealed partial class ProfileTests(WebFixture shared) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task A_new_name_is_on_every_page_at_once_and_after_the_next_login()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = await browser.RegisterAsync();
        await browser.GetAsync("/profile");

        Assert.Contains("Profile updated", (await browser.PostHtmxAsync("/api/profile/update", ("name", "Ada <b>Lovelace</b>"))).Body, StringComparison.Ordinal);
        Assert.Contains("Ada <b>Lovelace</b>", (await browser.GetAsync("/api/user")).Body.Replace("\\u003C", "<", StringComparison.Ordinal).Replace("\\u003E", ">", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Please enter a name", (await browser.PostHtmxAsync("/api/profile/update", ("name", "  "))).Body, StringComparison.Ordinal);

        using var again = new WebBrowser(shared.Web.Url);
        await again.LoginAsync(email);
        Assert.Contains("Lovelace", (await again.GetAsync("/api/user")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changing_the_password_takes_the_present_one_and_ends_the_other_sessions()
    {
        const string Next = "another battery staple";
        using var browser = new WebBrowser(shared.Web.Url);
        var email = await browser.RegisterAsync();
        var elsewhere = await shared.Auth.LoginAsync(email);
        await browser.GetAsync("/profile");

        Assert.Contains("Current password is incorrect", await ChangeAsync("wrong", Next, Next), StringComparison.Ordinal);
        Assert.Contains("New passwords do not match", await ChangeAsync(UserRequests.Password, Next, "other"), StringComparison.Ordinal);
        Assert.Contains("All password fields are required", await ChangeAsync("", Next, Next), StringComparison.Ordinal);
        Assert.Contains("Password must be at least 6 characters long", await ChangeAsync(UserRequests.Password, "short", "short"), StringComparison.Ordinal);
        Assert.True(await shared.Auth.CountsAsync(elsewhere.AccessToken));

        Assert.Contains("Password changed", await ChangeAsync(UserRequests.Password, Next, Next), StringComparison.Ordinal);
        Assert.False(await shared.Auth.CountsAsync(elsewhere.AccessToken));
        Assert.Contains("You have no API keys", (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);
        using var again = new WebBrowser(shared.Web.Url);
        Assert.Contains("Invalid email or password", (await again.LoginAsync(email)).Body, StringComparison.Ordinal);
        Assert.Equal("/chat", (await again.LoginAsync(email, Next)).Location);

        async Task<string> ChangeAsync(string current, string next, string confirm) =>
            (await browser.PostHtmxAsync("/api/profile/change-password", ("current_password", current), ("new_password", next), ("confirm_password", confirm))).Body;
    }

    [Fact]
    public async Task The_theme_is_in_the_first_byte_of_the_next_page()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.RegisterAsync();
        Assert.Contains("data-theme=\"dark\"", (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);

        var saved = await browser.PostHtmxAsync("/api/profile/preferences", ("theme", "system"));
        Assert.Contains("\"theme\"", saved.Header("HX-Trigger"), StringComparison.Ordinal);
        Assert.Contains("data-theme=\"system\"", (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);
        Assert.Contains("Please choose a theme", (await browser.PostHtmxAsync("/api/profile/preferences", ("theme", "\"><script>"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_api_key_is_shown_once_works_and_can_be_renamed_and_revoked()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.RegisterAsync();
        await browser.GetAsync("/profile");

        var created = await browser.PostHtmxAsync("/api/profile/keys", ("name", "My game"), ("expires_in_days", "30"));
        var key = Key().Match(created.Body).Groups[1].Value;
        Assert.NotEmpty(key);
        Assert.Contains("no-store", created.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await UseAsync(key));
        var page = (await browser.GetAsync("/profile")).Body;
        Assert.Contains("My game", page, StringComparison.Ordinal);
        Assert.DoesNotContain(key, page, StringComparison.Ordinal);

        var id = Id().Match(page).Groups[1].Value;
        Assert.Contains("Your game", (await browser.PostHtmxAsync($"/api/profile/keys/{id}/rename", ("name", "Your game"))).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Your game", (await browser.PostHtmxAsync($"/api/profile/keys/{id}/revoke")).Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await UseAsync(key) == HttpStatusCode.Unauthorized, seconds: 5);
        Assert.Contains("name is missing", (await browser.PostHtmxAsync("/api/profile/keys", ("name", ""))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_touches_the_keys_of_somebody_else()
    {
        using var owner = new WebBrowser(shared.Web.Url);
        using var other = new WebBrowser(shared.Web.Url);
        await owner.RegisterAsync();
        await other.RegisterAsync();
        await owner.GetAsync("/profile");
        await other.GetAsync("/profile");
        var id = Id().Match((await owner.PostHtmxAsync("/api/profile/keys", ("name", "Mine"))).Body).Groups[1].Value;

        Assert.Contains("API key not found", (await other.PostHtmxAsync($"/api/profile/keys/{id}/revoke")).Body, StringComparison.Ordinal);
        Assert.Contains("Mine", (await owner.GetAsync("/profile")).Body, StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> UseAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/user");
        request.Headers.Add("X-API-Key", key);
        using var response = await shared.Gateway.Client.SendAsync(request);
        return response.StatusCode;
    }

    [GeneratedRegex("""value="(gaia_sk_[^"]+)""")]
    private static partial Regex Key();

    [GeneratedRegex("/api/profile/keys/([0-9a-f-]{36})/rename")]
    private static partial Regex Id();
}

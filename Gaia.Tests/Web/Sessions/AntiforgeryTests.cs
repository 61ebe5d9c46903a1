using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Sessions;

[Collection(SharedServers.Name)]
public sealed class AntiforgeryTests(WebFixture shared) : IClassFixture<WebFixture>
{
    [Theory]
    [InlineData("/auth/login")]
    [InlineData("/auth/register")]
    [InlineData("/auth/resend-verification")]
    [InlineData("/api/profile/update")]
    [InlineData("/api/profile/change-password")]
    [InlineData("/api/profile/preferences")]
    [InlineData("/api/profile/keys")]
    public async Task A_change_without_the_token_of_a_page_of_ours_is_refused(string path)
    {
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.RegisterAsync();
        browser.Token = null;

        var answer = await browser.PostAsync(path, ("name", "Mallory"), ("email", "a@example.com"), ("password", "password"), ("theme", "light"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("This page is out of date. Reload it and try again.", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Mallory", (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_somebody_elses_page_is_refused()
    {
        using var one = new WebBrowser(shared.Web.Url);
        using var two = new WebBrowser(shared.Web.Url);
        await one.RegisterAsync();
        await two.RegisterAsync();
        await one.GetAsync("/profile");
        two.Token = one.Token;

        Assert.Equal(HttpStatusCode.BadRequest, (await two.PostHtmxAsync("/api/profile/update", ("name", "Mallory"))).Status);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("\\\\evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/ok\r\nX-Evil: 1")]
    [InlineData("/\t/evil.example")]
    [InlineData("evil.example")]
    public async Task Nobody_is_led_to_another_site_after_signing_in(string url)
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = (await shared.Auth.RegisterAsync()).Email;
        var page = await browser.GetAsync($"/login?return_url={Uri.EscapeDataString(url)}");
        Assert.DoesNotContain("evil", page.Body, StringComparison.Ordinal);

        var answer = await browser.PostAsync("/auth/login", ("email", email), ("password", UserRequests.Password), ("return_url", url));

        Assert.Equal((HttpStatusCode.SeeOther, "/chat"), (answer.Status, answer.Location));
        Assert.Equal("/chat", (await browser.GetAsync($"/login?return_url={Uri.EscapeDataString(url)}")).Location);
    }
}

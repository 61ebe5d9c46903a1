using System.Net;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Web.Admin;

/// <summary>Who gets into the administration, and what others see of it.</summary>
[Collection(SharedServers.Name)]
public sealed partial class AdminAccessTests(AdminFixture shared) : IClassFixture<AdminFixture>
{
    private static readonly string[] Pages = ["/admin", "/admin/users", "/admin/keys", "/admin/limits", "/admin/audit", "/admin/models", "/admin/performance"];

    [Fact]
    public async Task A_plain_user_finds_nothing_at_any_address_of_the_administration()
    {
        var (browser, user) = await shared.SignInAsync("developer");
        using var _ = browser;
        var nothing = await browser.GetAsync("/nothing-is-here");
        var endpoints = shared.Web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/admin", StringComparison.Ordinal) && !endpoint.RoutePattern.RawText.StartsWith("/admin.", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods, static (endpoint, method) => (Method: method, Path: endpoint.RoutePattern.RawText!.TrimEnd('/')))
            .ToList();
        Assert.True(endpoints.Count >= 15, string.Join('\n', endpoints));
        Assert.Superset(Pages.ToHashSet(), endpoints.Select(endpoint => endpoint.Path).ToHashSet());

        foreach (var (method, template) in endpoints)
        {
            var path = Parameter().Replace(template, user.UserId.ToString());
            var token = browser.Token;
            foreach (var own in new[] { token, null })
            {
                browser.Token = own;
                var answer = method == "GET" ? await browser.GetAsync(path) : await browser.PostAsync(path, ("role", "admin"));
                Assert.True((HttpStatusCode.NotFound, Title(nothing.Body)) == (answer.Status, Title(answer.Body)), $"{method} {path}: {answer.Status}");
                Assert.DoesNotContain("dministration", answer.Body, StringComparison.Ordinal);
            }

            browser.Token = token;
        }

        Assert.DoesNotContain("href=\"/admin", (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_is_led_to_the_login_and_back()
    {
        using var browser = new WebBrowser(shared.Web.Url);

        Assert.Equal("/login?return_url=%2Fadmin%2Fusers%3Fsearch%3Da", (await browser.GetAsync("/admin/users?search=a")).Location);
    }

    [Fact]
    public async Task An_admin_gets_every_page_with_the_way_to_the_others()
    {
        var (browser, _) = await shared.SignInAsync("admin");
        using var __ = browser;
        Assert.Contains("href=\"/admin\"", (await browser.GetAsync("/profile")).Body, StringComparison.Ordinal);

        foreach (var page in Pages)
        {
            var answer = await browser.GetAsync(page);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{page}: {answer.Status}");
            Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
            Assert.All(Pages, other => Assert.Contains($"href=\"{other}\"", answer.Body, StringComparison.Ordinal));
            Assert.Equal(1, Regex.Count(answer.Body, "<h1"));
            Assert.Contains($"href=\"{page}\" aria-current=\"page\"", answer.Body, StringComparison.Ordinal);
            Assert.Equal(Regex.Count(answer.Body, "<table>"), Regex.Count(answer.Body, "<caption "));
            Assert.Equal(Regex.Count(answer.Body, "<th[ >]"), Regex.Count(answer.Body, "<th[^>]* ?scope=\"(col|row)\""));
            Assert.DoesNotContain("cannot be shown right now", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_change_without_the_token_of_a_page_is_refused()
    {
        var (browser, _) = await shared.SignInAsync("admin");
        using var __ = browser;
        var victim = await shared.Auth.RegisterAsync();
        browser.Token = null;

        foreach (var operation in new[] { "disable", "roles", "roles/take" })
        {
            var answer = await browser.PostAsync($"/admin/users/{victim.UserId}/{operation}", ("role", operation == "roles" ? "admin" : "user"));
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains("This page is out of date.", answer.Body, StringComparison.Ordinal);
        }

        var page = (await browser.GetAsync($"/admin/users/{victim.UserId}")).Body;
        Assert.Contains("<dd>Active</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<code>user</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<code>admin</code>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_gateway_is_down_the_pages_say_so()
    {
        var (signedIn, user) = await shared.SignInAsync("admin");
        using var _ = signedIn;
        await using var cutOff = await shared.StartWebAsync("http://127.0.0.1:9");
        using var browser = signedIn.At(cutOff.Url);

        var users = await browser.GetAsync("/admin/users");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, users.Status);
        Assert.Contains("does not answer. Try again in a moment.", users.Body, StringComparison.Ordinal);
        Assert.Contains("href=\"/admin/models\"", users.Body, StringComparison.Ordinal);
        Assert.Contains("The models cannot be shown right now.", (await browser.GetAsync("/admin/models")).Body, StringComparison.Ordinal);
        Assert.Contains("Gateway", (await browser.GetAsync("/admin")).Body, StringComparison.Ordinal);
        var change = await browser.PostHtmxAsync($"/admin/users/{user.UserId}/disable");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, change.Status);
        Assert.Contains("\"detail\"", change.Body, StringComparison.Ordinal);
    }

    private static string Title(string page) => TitlePattern().Match(page).Groups[1].Value;

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("<h1>([^<]*)</h1>")]
    private static partial Regex TitlePattern();
}

using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Admin;

/// <summary>What an administrator changes on the pages, and what comes of it.</summary>
[Collection(SharedServers.Name)]
public sealed class AdminChangeTests(AdminFixture shared) : IClassFixture<AdminFixture>
{
    private const string Payload = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_role_that_an_admin_gives_and_takes_takes_effect_and_is_in_the_audit_log()
    {
        var (browser, admin) = await shared.SignInAsync("admin");
        var (other, user) = await shared.SignInAsync();
        using var _ = browser;
        using var __ = other;
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/admin")).Status);

        Assert.Contains($"href=\"/admin/users/{user.UserId}\"", (await browser.GetAsync($"/admin/users?search={user.Email}")).Body, StringComparison.Ordinal);
        await browser.GetAsync($"/admin/users/{user.UserId}");
        var given = await browser.PostHtmxAsync($"/admin/users/{user.UserId}/roles", ("role", "admin"), ("until", ""));

        Assert.Contains("id=\"admin-notice\" hx-swap-oob=\"innerHTML\"", given.Body, StringComparison.Ordinal);
        Assert.Contains("The role admin was given.", given.Body, StringComparison.Ordinal);
        Assert.Contains("<code>admin</code>", given.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", given.Body, StringComparison.Ordinal);
        // In the session that was there before, too.
        await Eventually.TrueAsync(async () => (await other.GetAsync("/admin/users")).Status == HttpStatusCode.OK, seconds: 5);
        Assert.Contains("href=\"/admin\"", (await other.GetAsync("/profile")).Body, StringComparison.Ordinal);

        var taken = await browser.PostHtmxAsync($"/admin/users/{user.UserId}/roles/take", ("role", "admin"), ("context_type", ""), ("context_id", ""));
        Assert.Contains("The role admin was taken.", taken.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<code>admin</code>", taken.Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await other.GetAsync("/admin/users")).Status == HttpStatusCode.NotFound, seconds: 5);
        Assert.DoesNotContain("href=\"/admin", (await other.GetAsync("/profile")).Body, StringComparison.Ordinal);

        foreach (var (kind, words) in new[] { ("role_assigned", "Role assigned"), ("role_revoked", "Role revoked") })
        {
            var log = (await browser.GetAsync($"/admin/audit?user={user.Email}&kind={kind}&since=2020-01-01T00:00")).Body;
            Assert.Contains($"<th scope=\"row\">{words}</th>", log, StringComparison.Ordinal);
            Assert.Contains($">{admin.Email}</a>", log, StringComparison.Ordinal);
            Assert.Contains($">{user.Email}</a>", log, StringComparison.Ordinal);
        }

        Assert.Contains("Nothing of this kind happened.", (await browser.GetAsync($"/admin/audit?user={user.Email}&kind=role_assigned&until=2020-01-01T00:00")).Body, StringComparison.Ordinal);
        Assert.Contains("No user has this address.", (await browser.GetAsync("/admin/audit?user=nobody@example.test")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_gateway_refuses_is_said_and_changes_nothing()
    {
        var (browser, admin) = await shared.SignInAsync("admin");
        using var _ = browser;
        var path = $"/admin/users/{admin.UserId}/roles";

        var refused = await browser.PostHtmxAsync(path, ("role", "super_admin"));
        Assert.Equal(HttpStatusCode.OK, refused.Status);
        Assert.Contains("Not enough permissions: only a super_admin may do this", refused.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<code>super_admin</code>", refused.Body, StringComparison.Ordinal);
        Assert.Contains("expires_at must be in the future", (await browser.PostHtmxAsync(path, ("role", "analyst"), ("until", "2020-01-01T00:00"))).Body, StringComparison.Ordinal);
        Assert.Contains("Please give a date and a time, or neither", (await browser.PostHtmxAsync(path, ("role", "analyst"), ("until", "soon"))).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"/admin/users/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task A_user_who_is_disabled_is_refused_until_let_in_again_also_without_scripts()
    {
        var (browser, _) = await shared.SignInAsync("admin");
        using var __ = browser;
        var user = await shared.Auth.RegisterAsync();
        await browser.GetAsync($"/admin/users/{user.UserId}");

        var page = await browser.PostAsync($"/admin/users/{user.UserId}/disable");
        Assert.Contains("<html", page.Body, StringComparison.Ordinal);
        Assert.Contains("The user is disabled, and every credential refused.", page.Body, StringComparison.Ordinal);
        Assert.Contains("<dd>Disabled</dd>", page.Body, StringComparison.Ordinal);
        Assert.False(await shared.Auth.CountsAsync(user.AccessToken));

        Assert.Contains("The user may sign in again.", (await browser.PostAsync($"/admin/users/{user.UserId}/enable")).Body, StringComparison.Ordinal);
        using var again = new WebBrowser(shared.Web.Url);
        Assert.Equal("/chat", (await again.LoginAsync(user.Email)).Location);
    }

    [Fact]
    public async Task A_key_of_anybody_can_be_limited_and_revoked()
    {
        var (browser, _) = await shared.SignInAsync("admin");
        using var __ = browser;
        var user = await shared.Auth.RegisterAsync();
        var (id, secret) = await shared.CreateKeyAsync(user, "Game server");
        var query = $"?search={user.Email}";
        Assert.Contains("Game server", (await browser.GetAsync($"/admin/keys{query}")).Body, StringComparison.Ordinal);
        Assert.Equal("3000", await LimitAsync());

        var limited = await browser.PostHtmxAsync($"/admin/keys/{id}/limit{query}", ("permits", "500"), ("seconds", "3600"), ("burst", ""));
        Assert.Contains("The key has a limit of its own.", limited.Body, StringComparison.Ordinal);
        Assert.Contains("500 per hour, 500 at once", limited.Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await LimitAsync() == "500", seconds: 5);
        Assert.Contains("500 per hour, 500 at once", (await browser.GetAsync("/admin/limits")).Body, StringComparison.Ordinal);
        Assert.Contains("rate_limit must be", (await browser.PostHtmxAsync($"/admin/keys/{id}/limit{query}", ("permits", "-1"), ("seconds", "60"))).Body, StringComparison.Ordinal);
        Assert.Contains("The key has the limit of everybody again.", (await browser.PostHtmxAsync($"/admin/keys/{id}/limit{query}", ("permits", ""))).Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await LimitAsync() == "3000", seconds: 5);

        var revoked = await browser.PostHtmxAsync($"/admin/users/{user.UserId}/keys/{id}/revoke");
        Assert.Contains("The key is revoked.", revoked.Body, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () =>
        {
            using var response = await shared.AskAsync(HttpMethod.Get, "/api/v1/auth/user", ("X-API-Key", secret));
            return response.StatusCode == HttpStatusCode.Unauthorized;
        }, seconds: 5);
        Assert.Contains("No keys were found.", (await browser.GetAsync($"/admin/keys{query}")).Body, StringComparison.Ordinal);
        Assert.Contains("Game server", (await browser.GetAsync($"/admin/keys{query}&all=true")).Body, StringComparison.Ordinal);
        Assert.Contains("Key revoked", (await browser.GetAsync($"/admin/audit?user={user.UserId}&kind=key_revoked")).Body, StringComparison.Ordinal);
        Assert.Contains("not found", (await browser.PostHtmxAsync($"/admin/keys/{id}/revoke{query}")).Body, StringComparison.Ordinal);

        async Task<string?> LimitAsync()
        {
            using var response = await shared.AskAsync(HttpMethod.Get, "/api/v1/auth/user", ("X-API-Key", secret));
            return response.Headers.TryGetValues("X-RateLimit-Limit", out var values) ? values.Single() : null;
        }
    }

    [Fact]
    public async Task Markup_in_names_is_text()
    {
        var (browser, _) = await shared.SignInAsync("admin");
        using var __ = browser;
        var user = await shared.Auth.RegisterAsync();
        await shared.CreateKeyAsync(user, Payload);
        using var renamed = await shared.AskAsync(HttpMethod.Put, "/api/v1/auth/user", ("Authorization", $"Bearer {user.AccessToken}"), new { data = new { name = Payload } });
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        await NativeServers.ExecuteAsync(shared.Database, $$"""
            INSERT INTO permission_audit_log (event_type, actor_id, target_user_id, target_type, target_id, permission_details)
            VALUES ('{{Payload}}', '{{Payload}}', '{{user.UserId}}', '{{Payload}}', '{{Payload}}', '{"search": "{{Payload}}"}')
            """);

        foreach (var path in new[] { $"/admin/users?search={user.Email}", $"/admin/users/{user.UserId}", $"/admin/keys?search={user.Email}", $"/admin/audit?user={user.UserId}", $"/admin/users?search={Uri.EscapeDataString(Payload)}" })
        {
            var page = await shared.ReadRawAsync(browser, path);
            Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
            Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Models_and_performance_show_what_was_answered_and_limits_what_holds()
    {
        var (browser, _) = await shared.SignInAsync("admin");
        using var __ = browser;
        var user = await shared.Auth.RegisterAsync();
        using (var answer = await shared.AskAsync(HttpMethod.Post, "/api/v1/chat", ("Authorization", $"Bearer {user.AccessToken}"), new { message = "Hello", model = "gaia-local" }))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await browser.GetAsync("/admin/performance");

        await Eventually.TrueAsync(async () =>
        {
            var page = (await browser.GetAsync("/admin/performance")).Body;
            return page.Contains("<dt>Calls</dt><dd>1</dd>", StringComparison.Ordinal) && page.Contains("Provider selection", StringComparison.Ordinal);
        }, seconds: 10);
        Assert.Contains("id=\"admin-live\"", (await browser.GetAsync("/admin/performance/live", htmx: true)).Body, StringComparison.Ordinal);
        var reset = await browser.PostHtmxAsync("/admin/performance/reset");
        Assert.Contains("The figures begin anew for you.", reset.Body, StringComparison.Ordinal);
        Assert.Contains("<dt>Calls</dt><dd>0</dd>", reset.Body, StringComparison.Ordinal);

        await Eventually.TrueAsync(async () => (await FirstModelAsync("-calls")).Contains("gaia-local", StringComparison.Ordinal), seconds: 10);
        Assert.DoesNotContain("gaia-local", await FirstModelAsync("calls"), StringComparison.Ordinal);
        Assert.Contains("aria-sort=\"descending\"", (await browser.GetAsync("/admin/models?sort=-cost")).Body, StringComparison.Ordinal);

        var limits = (await browser.GetAsync("/admin/limits")).Body;
        Assert.Contains("3,000 per minute, 1,000 at once", limits, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">analyst</th><td>7 per hour, 7 at once</td>", limits, StringComparison.Ordinal);

        async Task<string> FirstModelAsync(string sort)
        {
            var page = (await browser.GetAsync($"/admin/models?sort={sort}")).Body;
            var rows = page[page.IndexOf("id=\"models-caption\"", StringComparison.Ordinal)..].Split("<tbody>")[1];
            return rows.Split("</tr>")[0];
        }
    }
}

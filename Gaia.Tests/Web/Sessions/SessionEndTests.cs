using System.Net;
using System.Net.Http.Json;
using Gaia.ServiceDefaults.Events;
using Gaia.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Web.Sessions;

/// <summary>What ends a session of the web without its browser having a part in it.</summary>
[Collection(SharedServers.Name)]
public sealed class SessionEndTests(WebFixture shared) : IClassFixture<WebFixture>
{
    [Fact]
    public async Task A_new_password_ends_the_sessions_of_other_browsers_at_once()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        using var stolen = new WebBrowser(shared.Web.Url);
        var email = await browser.RegisterAsync();
        await stolen.LoginAsync(email);
        Assert.Contains("\"authenticated\":true", (await stolen.GetAsync("/api/session")).Body, StringComparison.Ordinal);
        await browser.GetAsync("/profile");

        var changed = await browser.PostHtmxAsync(
            "/api/profile/change-password", ("current_password", UserRequests.Password), ("new_password", "another password"), ("confirm_password", "another password"));
        Assert.Equal(HttpStatusCode.OK, changed.Status);

        await Eventually.TrueAsync(async () => (await stolen.GetAsync("/api/session")).Body.Contains("\"authenticated\":false", StringComparison.Ordinal), seconds: 5);
        Assert.Contains("\"authenticated\":true", (await browser.GetAsync("/api/session")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_is_disabled_is_signed_out()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var email = await browser.RegisterAsync();
        var user = await UserIdAsync(email);

        await NativeServers.ExecuteAsync(shared.Database, $"UPDATE users SET disabled_at = now() WHERE id = '{user}'");
        shared.Auth.Services.GetRequiredService<IEventBus>().Publish(new PermissionsChangedEvent([user], DateTime.UtcNow));

        await Eventually.TrueAsync(async () => (await browser.GetAsync("/api/session")).Body.Contains("\"authenticated\":false", StringComparison.Ordinal), seconds: 5);
    }

    [Fact]
    public async Task No_session_lives_longer_than_a_month()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var user = await UserIdAsync(await browser.RegisterAsync());
        await NativeServers.ExecuteAsync(shared.Database, $"UPDATE web_sessions SET created_at = now() - interval '29 days 23 hours' WHERE user_id = '{user}'");
        var clock = new ShiftedClock();
        await using var web = await shared.StartWebAsync(clock: clock);
        clock.Advance(TimeSpan.FromHours(13));

        // Past half of its time a session is prolonged.
        using var later = browser.At(web.Url);
        await later.GetAsync("/api/session");

        Assert.True(await NativeServers.QueryAsync<bool>(
            shared.Database, $"SELECT NOT EXISTS (SELECT 1 FROM web_sessions WHERE user_id = '{user}' AND expires_at > now() + interval '61 minutes')"));
    }

    [Fact]
    public async Task Logging_out_after_an_idle_hour_ends_the_session_at_the_gateway_too()
    {
        var clock = new ShiftedClock();
        var (database, auth, gateway) = await shared.StartAtAsync(clock);
        await using var disposesAuth = auth;
        await using var disposesGateway = gateway;
        await using var web = await shared.StartWebAsync(clock: clock, gatewayUrl: gateway.Url, database: database);
        using var browser = new WebBrowser(web.Url);
        await browser.RegisterAsync();
        await browser.GetAsync("/logout");
        clock.Advance(TimeSpan.FromMinutes(75));

        Assert.Equal("/login", (await browser.PostAsync("/logout")).Location);

        Assert.Equal(1, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM auth_sessions WHERE revoked_at IS NOT NULL"));
    }

    [Fact]
    public async Task Trying_the_administration_again_and_again_writes_nothing()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        var user = await UserIdAsync(await browser.RegisterAsync());
        var before = await TicketAsync();

        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/admin")).Status);

        Assert.Equal(before, await TicketAsync());

        Task<string> TicketAsync() => NativeServers.QueryAsync<string>(shared.Database, $"SELECT xmin::text || md5(ticket) FROM web_sessions WHERE user_id = '{user}'")!;
    }

    [Fact]
    public async Task A_form_that_is_too_large_is_refused_before_it_is_read_and_says_so()
    {
        using var browser = new WebBrowser(shared.Web.Url);
        await browser.GetAsync("/login");

        var large = await browser.PostAsync("/auth/login", ("email", "a@example.com"), ("password", new string('x', 100_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.Status);
        Assert.Contains("That is too large to be sent. Shorten it and try again.", large.Body, StringComparison.Ordinal);

        var many = await browser.PostAsync("/auth/login", [.. Enumerable.Range(0, 100).Select(n => ($"field{n}", "x"))]);
        Assert.Equal(HttpStatusCode.BadRequest, many.Status);
        Assert.Contains("The form cannot be read.", many.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_of_one_client_cut_off_nobody_else()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var gateway = builder.Build();
        gateway.MapPost("/api/v1/auth/login", async (HttpRequest request) =>
            (await request.ReadFromJsonAsync<Dictionary<string, string>>())!["email"] == "busy@example.com" ? Results.StatusCode(429) : Results.BadRequest());
        await gateway.StartAsync();
        await using var web = await shared.StartWebAsync(gatewayUrl: gateway.Urls.Single());

        await Parallel.ForAsync(0, 300, async (_, _) => Assert.Equal(HttpStatusCode.TooManyRequests, await LoginAsync("busy@example.com")));
        Assert.Equal(HttpStatusCode.BadRequest, await LoginAsync("other@example.com"));

        async Task<HttpStatusCode> LoginAsync(string email)
        {
            using var answer = await web.Client.PostAsJsonAsync("/api/v1/auth/login", new { email, password = "wrong" });
            return answer.StatusCode;
        }
    }

    private Task<Guid> UserIdAsync(string email) => NativeServers.QueryAsync<Guid>(shared.Database, $"SELECT user_id FROM auth_accounts WHERE email = '{email}'");
}

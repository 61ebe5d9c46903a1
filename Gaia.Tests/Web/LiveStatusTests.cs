using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Gaia.Tests.Web;

public partial class LiveStatusTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_stopped_service_shows_within_two_seconds_and_recovers()
    {
        await using var site = await WebSite.StartAsync();
        await site.GetFragmentWithAsync("Everything is healthy", TwoSeconds);

        site.Gateway.Down("chat", "Cannot be reached");
        var down = await site.GetFragmentWithAsync("Chat is down", TwoSeconds);
        Assert.Equal(("Down", "Cannot be reached"), Card(down, "Chat"));
        Assert.Equal("Healthy", Card(down, "Auth").State);

        site.Gateway.Body = StubGateway.AllHealthy;
        await site.GetFragmentWithAsync("Everything is healthy", TwoSeconds);
    }

    [Fact]
    public async Task Several_stopped_services_are_named()
    {
        await using var site = await WebSite.StartAsync();
        site.Gateway.Body = """{"status":"unhealthy","services":{"auth":{"status":"unhealthy"},"asset":null},"database":{"status":"unhealthy","error":"PostgreSQL does not answer"},"redis":{"status":"unhealthy","connected":false}}""";

        var fragment = await site.GetFragmentWithAsync("Database", TwoSeconds);

        Assert.Matches("Auth, Database, Redis (and NATS )?are down|Auth, Database and Redis are down", fragment);
        Assert.Equal(("Down", "PostgreSQL does not answer"), Card(fragment, "Database"));
        Assert.Equal(("Unknown", "The gateway does not say"), Card(fragment, "Assets"));
        Assert.Equal(("Unknown", "The gateway does not say"), Card(fragment, "Chat"));
    }

    [Fact]
    public async Task A_stopped_gateway_is_shown_as_such_and_the_page_stays()
    {
        await using var site = await WebSite.StartAsync();
        await site.Gateway.DisposeAsync();

        var started = Stopwatch.GetTimestamp();
        using var response = await site.Client.GetAsync("/status");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(3));
        Assert.Equal(("Down", "Cannot be reached"), Card(page, "Gateway"));
        Assert.Equal(("Unknown", "The gateway does not answer"), Card(page, "Chat"));
        Assert.Equal("Healthy", Card(page, "Web").State);
    }

    [Fact]
    public async Task A_gateway_that_hangs_is_given_two_seconds()
    {
        await using var site = await WebSite.StartAsync();
        site.Gateway.Delay = TimeSpan.FromSeconds(30);

        var started = Stopwatch.GetTimestamp();
        var fragment = await site.GetFragmentAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4));
        Assert.Equal(("Down", "No answer within 2 seconds"), Card(fragment, "Gateway"));
    }

    [Theory]
    [InlineData(500, "{}", "Answered 500")]
    [InlineData(200, "", "Answered with something else than its health")]
    [InlineData(200, "null", "Answered with nothing")]
    [InlineData(200, "<html>a proxy</html>", "Answered with something else than its health")]
    [InlineData(200, """{"services":[1,2]}""", "Answered with something else than its health")]
    public async Task A_gateway_that_answers_nonsense_is_shown_as_down(int status, string body, string note)
    {
        await using var site = await WebSite.StartAsync();
        (site.Gateway.Status, site.Gateway.Body) = (status, body);

        Assert.Equal(("Down", note), Card(await site.GetFragmentAsync(), "Gateway"));
    }

    [Fact]
    public async Task What_the_gateway_says_is_never_markup()
    {
        await using var site = await WebSite.StartAsync();
        site.Gateway.Down("chat", "<script>alert(1)</script>\"><img src=x onerror=alert(2)>" + new string('x', 5000));

        foreach (var page in new[] { await site.Client.GetStringAsync("/status"), await site.GetFragmentAsync() })
        {
            Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotContain(new string('x', 200), page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_change_is_announced_once()
    {
        await using var site = await WebSite.StartAsync();
        var healthy = Seen(await site.Client.GetStringAsync("/status"));

        Assert.Null(Announcement(await site.GetFragmentAsync(healthy)));

        site.Gateway.Down("chat", "Cannot be reached");
        var unhealthy = Seen(await site.GetFragmentWithAsync("Chat is down", TwoSeconds));
        Assert.Equal("Chat is down.", Announcement(await site.GetFragmentAsync(healthy)));
        Assert.Null(Announcement(await site.GetFragmentAsync(unhealthy)));

        site.Gateway.Body = StubGateway.AllHealthy;
        await site.GetFragmentWithAsync("Everything is healthy", TwoSeconds);
        Assert.Equal("Chat is healthy again.", Announcement(await site.GetFragmentAsync(unhealthy)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("%3Cscript%3E")]
    public async Task An_unknown_memory_of_a_page_announces_nothing(string seen)
    {
        await using var site = await WebSite.StartAsync();

        var fragment = await site.GetFragmentAsync(seen);

        Assert.Null(Announcement(fragment));
        Assert.DoesNotContain("<script", fragment, StringComparison.Ordinal);
    }

    private static (string State, string Detail) Card(string page, string name)
    {
        var card = Assert.Single(CardPattern().Matches(page), match => match.Groups["name"].Value == name);
        return (card.Groups["state"].Value, WebUtility.HtmlDecode(card.Groups["detail"].Value));
    }

    private static string Seen(string page) => SeenPattern().Match(page).Groups[1].Value;

    private static string? Announcement(string fragment) => AnnouncementPattern().Match(fragment) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("""<h3>(?<name>[^<]+)</h3>\s*<p class="status-state"><span[^>]*></span>(?<state>[^<]+)</p>.*?<p class="status-detail">(?<detail>[^<]*)</p>""", RegexOptions.Singleline)]
    private static partial Regex CardPattern();

    [GeneratedRegex("""hx-get="/health/fragment\?seen=([a-z]+)" """)]
    private static partial Regex SeenPattern();

    [GeneratedRegex("""<p id="status-changes" hx-swap-oob="innerHTML">([^<]*)</p>""")]
    private static partial Regex AnnouncementPattern();
}

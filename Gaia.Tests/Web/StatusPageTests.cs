using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace Gaia.Tests.Web;

public partial class StatusPageTests
{
    [Fact]
    public async Task Shows_every_part_of_the_stack_with_its_state_in_words()
    {
        await using var site = await WebSite.StartAsync();

        var page = await site.Client.GetStringAsync("/status");

        string[] names = ["Gateway", "Auth", "Chat", "Assets", "Knowledge base", "Web", "Database", "Redis", "NATS"];
        Assert.Equal(names, CardTitle().Matches(page).Select(match => match.Groups[1].Value));
        Assert.Equal(names.Length, Regex.Count(page, "</span>Healthy</p>"));
        Assert.Contains("Everything is healthy", page, StringComparison.Ordinal);
        Assert.Contains("Answers in 4 ms", page, StringComparison.Ordinal);
        Assert.Contains("Answers in under 1 ms", page, StringComparison.Ordinal);
        Assert.Contains("Answers in 1.3 s", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/status")]
    [InlineData("/health/fragment")]
    [InlineData("/no/such/page")]
    public async Task Holds_no_inline_script_or_style_and_forbids_them(string path)
    {
        await using var site = await WebSite.StartAsync();

        using var response = await site.Client.GetAsync(path);
        var page = await response.Content.ReadAsStringAsync();

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        var nonce = Nonce().Match(policy).Groups[1].Value;
        Assert.NotEmpty(nonce);
        Assert.All(Script().Matches(page), script => Assert.Contains($"nonce=\"{nonce}\"", script.Value, StringComparison.Ordinal));
        Assert.Contains("style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.DoesNotMatch(Inline(), page);
        Assert.DoesNotMatch(ForeignResource(), page);
    }

    [Fact]
    public async Task Links_the_dashboard_when_it_is_configured()
    {
        await using var site = await WebSite.StartAsync(("DASHBOARD_URL", "http://localhost:18888/login?t=a&b"));

        Assert.Contains("href=\"http://localhost:18888/login?t=a&amp;b\">Open the dashboard</a>", await site.Client.GetStringAsync("/status"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task Says_nothing_of_a_dashboard_that_is_not_configured(string url)
    {
        await using var site = await WebSite.StartAsync(("DASHBOARD_URL", url));

        Assert.DoesNotContain("dashboard", await site.Client.GetStringAsync("/status"), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("DASHBOARD_URL", "javascript:alert(1)")]
    [InlineData("DASHBOARD_URL", "localhost:18888")]
    [InlineData("GATEWAY_URL", "/health")]
    public async Task Refuses_to_start_with_an_address_that_is_none(string name, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => WebSite.StartAsync((name, value)));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shows_a_request_that_can_be_pasted()
    {
        await using var site = await WebSite.StartAsync(("GATEWAY_URL", "https://gaia.example/"));

        var page = WebUtility.HtmlDecode(await site.Client.GetStringAsync("/status"));

        Assert.Contains("curl https://gaia.example/api/v1/chat \\\n  -H \"X-API-Key: $API_KEY\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"https://gaia.example/health\"", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/lib/htmx.min.js", "text/javascript", "version:\"2.")]
    [InlineData("/js/gaia.js", "text/javascript", "GaiaToast")]
    [InlineData("/gaia-design.css", "text/css", ".gaia-logo-small")]
    [InlineData("/favicon.svg", "image/svg+xml", "🦋")]
    public async Task Serves_the_files_of_its_pages(string path, string type, string content)
    {
        await using var site = await WebSite.StartAsync();
        using var compressing = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = site.Client.BaseAddress };

        foreach (var client in new[] { site.Client, compressing })
        {
            using var response = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
            Assert.Contains(content, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        if (path.EndsWith(".js", StringComparison.Ordinal))
            Assert.Contains($"src=\"{path}\"", await site.Client.GetStringAsync("/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_a_browser_with_a_page_and_others_with_json_where_nothing_is()
    {
        await using var site = await WebSite.StartAsync();

        using var page = await site.Client.GetAsync("/no/such/<script>page");
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<h1>Page not found</h1>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/no/such/thing");
        request.Headers.Accept.ParseAdd("application/json");
        using var plain = new HttpClient { BaseAddress = site.Client.BaseAddress };
        using var body = await plain.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, body.StatusCode);
        Assert.Equal("Not Found", JsonDocument.Parse(await body.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_page_that_fails_says_so_and_no_more(string environment)
    {
        await using var site = await WebSite.StartAsync(
            static app => app.MapGet("/fails", static string () => throw new InvalidOperationException("a secret")),
            ("ASPNETCORE_ENVIRONMENT", environment));

        using var response = await site.Client.GetAsync("/fails");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("<h1>Something went wrong</h1>", page, StringComparison.Ordinal);
        Assert.Contains($"<code>{Assert.Single(response.Headers.GetValues("X-Request-ID"))}</code>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("<h3>([^<]+)</h3>")]
    private static partial Regex CardTitle();

    [GeneratedRegex("script-src 'nonce-([0-9a-f]{32})';")]
    private static partial Regex Nonce();

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Script();

    [GeneratedRegex("""<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*\ssrc=)""", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("""<(script|link|img|iframe)[^>]*(src|href)="(https?:)?//""", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignResource();
}

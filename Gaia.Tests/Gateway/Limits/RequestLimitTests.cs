using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>How often a client may ask, as it sees it.</summary>
[Collection(SharedServers.Name)]
public sealed class RequestLimitTests(LimitsFixture shared) : IClassFixture<LimitsFixture>
{
    private const string Route = "/api/v1/conversations";
    private const int Hour = 3600;

    private static readonly string[] Headers = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

    [Fact]
    public async Task Every_answer_says_how_the_client_stands_and_a_429_says_when_to_come_back()
    {
        await using var gateway = await shared.StartGatewayAsync(LimitSettings.Limit("Key", 3, Hour));
        var key = ("X-API-Key", shared.Authority.CreateKey());

        for (var remaining = 2; remaining >= 0; remaining--)
        {
            using var answer = await gateway.Client.GetAsync(Route, key);
            var reset = DateTimeOffset.FromUnixTimeSeconds(long.Parse(answer.Header(Headers[2])!, CultureInfo.InvariantCulture));
            Assert.Equal((HttpStatusCode.OK, "3", $"{remaining}"), (answer.StatusCode, answer.Header(Headers[0]), answer.Header(Headers[1])));
            Assert.InRange(reset - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(((3 - remaining) * 1200) - 30), TimeSpan.FromSeconds(((3 - remaining) * 1200) + 2));
        }

        var before = shared.Chat.Requests.Count;
        using var refused = await gateway.Client.GetAsync(Route, key, ("Origin", "http://localhost:8080"));
        var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement;
        var retryAfter = refused.Headers.RetryAfter!.Delta!.Value;

        Assert.Equal((HttpStatusCode.TooManyRequests, "3", "0"), (refused.StatusCode, refused.Header(Headers[0]), refused.Header(Headers[1])));
        Assert.InRange(retryAfter, TimeSpan.FromSeconds(1170), TimeSpan.FromSeconds(1200));
        Assert.Equal("Rate limit exceeded: 3 per 1 hour", body.GetProperty("error").GetString());
        Assert.Equal($"Rate limit exceeded: 3 per 1 hour. Try again in {retryAfter.TotalSeconds} seconds.", body.GetProperty("detail").GetString());
        Assert.Equal("application/json", refused.Content.Headers.ContentType?.MediaType);
        // A page in a browser may read all that.
        var exposed = refused.Header("Access-Control-Expose-Headers") ?? "";
        Assert.All([.. Headers, "Retry-After"], name => Assert.Contains(name, exposed, StringComparison.Ordinal));
        Assert.Equal(before, shared.Chat.Requests.Count);
    }

    [Fact]
    public async Task A_service_or_an_error_does_not_hide_how_the_client_stands()
    {
        await using var gateway = await shared.StartGatewayAsync(LimitSettings.Limit("User", 100, Hour));
        var key = ("X-API-Key", shared.Authority.CreateKey());
        shared.Chat.Answer = context =>
        {
            context.Response.Headers["X-RateLimit-Remaining"] = "7777";
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        try
        {
            using var answer = await gateway.Client.GetAsync(Route, key);
            Assert.Equal((HttpStatusCode.InternalServerError, "100", "99"), (answer.StatusCode, answer.Header(Headers[0]), answer.Header(Headers[1])));
        }
        finally
        {
            shared.Chat.Reply(200, "{}");
        }
    }

    [Fact]
    public async Task A_credential_counts_the_same_in_every_header_form()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 8, Hour), .. LimitSettings.Limit("User", 8, Hour)]);
        var credentials = new[] { shared.Authority.CreateKey(), shared.Authority.CreateJwt() };
        foreach (var credential in credentials)
        {
            (string, string)[] forms = [("X-API-Key", credential), ("x-api-key", $" {credential} "), ("Authorization", $"Bearer {credential}"), ("authorization", $"bearer  {credential}")];
            var remaining = new List<string?>();
            foreach (var form in forms.Concat(forms))
            {
                using var answer = await gateway.Client.GetAsync(Route, form);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                remaining.Add(answer.Header(Headers[1]));
            }

            Assert.Equal(["7", "6", "5", "4", "3", "2", "1", "0"], remaining);
            foreach (var form in forms)
                Assert.Equal([429], await gateway.Client.StatusesAsync(1, Route, form));
        }
    }

    [Fact]
    public async Task Each_key_has_a_limit_and_all_keys_and_tokens_of_a_user_have_one_together()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 4, Hour), .. LimitSettings.Limit("User", 6, Hour)]);
        var (user, other) = (Guid.NewGuid(), Guid.NewGuid());
        var (first, second, token) = (shared.Authority.CreateKey(user), shared.Authority.CreateKey(user), shared.Authority.CreateJwt(user));

        Assert.Equal([200, 200, 200, 200, 429, 429], await gateway.Client.StatusesAsync(6, Route, ("X-API-Key", first)));
        Assert.Equal([200, 200, 429], await gateway.Client.StatusesAsync(3, Route, ("X-API-Key", second)));
        Assert.Equal([429], await gateway.Client.StatusesAsync(1, Route, ("Authorization", $"Bearer {token}")));
        Assert.Equal([200], await gateway.Client.StatusesAsync(1, Route, ("X-API-Key", shared.Authority.CreateKey(other))));
    }

    [Fact]
    public async Task A_key_may_have_a_limit_of_its_own_smaller_or_larger_than_its_users()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 4, Hour), .. LimitSettings.Limit("User", 5, Hour)]);
        var user = Guid.NewGuid();
        var small = shared.Authority.CreateKey(user, new RateLimit(2, TimeSpan.FromHours(1), 2));
        var large = shared.Authority.CreateKey(user, new RateLimit(20, TimeSpan.FromHours(1), 12));

        Assert.Equal([200, 200, 429], await gateway.Client.StatusesAsync(3, Route, ("X-API-Key", small)));
        Assert.Equal(Enumerable.Repeat(200, 12).Append(429), await gateway.Client.StatusesAsync(13, Route, ("X-API-Key", large)));
        // What the large one did counts for itself; the small one's two are the user's, too.
        Assert.Equal([200, 200, 200, 429], await gateway.Client.StatusesAsync(4, Route, ("Authorization", $"Bearer {shared.Authority.CreateJwt(user)}")));
    }

    [Fact]
    public async Task A_role_may_have_a_limit_of_its_own_and_of_several_the_most_generous_counts()
    {
        await using var gateway = await shared.StartGatewayAsync(
        [
            .. LimitSettings.Limit("Key", 3, Hour), .. LimitSettings.Limit("User", 3, Hour), .. LimitSettings.Limit("Roles:guest", 1, Hour),
            .. LimitSettings.Limit("Roles:admin", 6, Hour), .. LimitSettings.Limit("Roles:developer", 5, Hour),
        ]);

        Assert.Equal(3, await AdmittedAsync());
        Assert.Equal(3, await AdmittedAsync("viewer"));
        Assert.Equal(1, await AdmittedAsync("guest"));
        Assert.Equal(6, await AdmittedAsync("guest", "admin", "developer"));
        Assert.Equal(5, await AdmittedAsync("developer", "viewer"));

        async Task<int> AdmittedAsync(params string[] roles)
        {
            var byKey = await gateway.Client.StatusesAsync(8, Route, ("X-API-Key", shared.Authority.CreateKey(roles: roles)));
            var byToken = await gateway.Client.StatusesAsync(8, Route, ("Authorization", $"Bearer {shared.Authority.CreateJwt(roles: roles)}"));
            Assert.Equal(byKey, byToken);
            return byKey.Count(status => status == 200);
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Credentials_of_one_user_with_different_limits_do_not_begin_each_others_anew(string areShared)
    {
        await using var gateway = await shared.StartGatewayAsync(
            [.. LimitSettings.Limit("Key", 3, Hour), .. LimitSettings.Limit("User", 3, Hour), .. LimitSettings.Limit("Roles:admin", 5, Hour), ("Limits:Shared", areShared)]);
        var user = Guid.NewGuid();
        var credentials = new[] { shared.Authority.CreateJwt(user, "admin"), shared.Authority.CreateKey(user), shared.Authority.CreateKey(user, roles: "admin") };
        var statuses = credentials.Select(_ => new List<int>()).ToArray();

        for (var i = 0; i < 8; i++)
        {
            for (var one = 0; one < credentials.Length; one++)
                statuses[one].AddRange(await gateway.Client.StatusesAsync(1, Route, ("X-API-Key", credentials[one])));
        }

        Assert.Equal([200, 200, 200, 429, 429, 429, 429, 429], statuses[1]);
        // Both are administrator's, and the user's limit as one is theirs together.
        Assert.Equal(5, statuses[0].Concat(statuses[2]).Count(status => status == 200));
    }

    [Fact]
    public async Task Without_a_valid_credential_the_address_counts_and_health_is_never_limited()
    {
        await using var gateway = await shared.StartGatewayAsync(
            [.. LimitSettings.Limit("Anonymous", 5, Hour), ("Edge:TrustedProxies", "127.0.0.0/8")]);
        (string, string) here = ("X-Forwarded-For", $"198.51.100.{Random.Shared.Next(256)}");

        // An open route and one that is refused count alike.
        Assert.Equal([200, 200], await gateway.Client.StatusesAsync(2, "/", here));
        Assert.Equal([401], await gateway.Client.StatusesAsync(1, Route, here));
        Assert.Equal([401], await gateway.Client.StatusesAsync(1, Route, here, ("X-API-Key", "of no accepted form")));
        Assert.Equal([200, 429], await gateway.Client.StatusesAsync(2, "/", here));
        foreach (var path in new[] { "/health", "/alive", "/ready" })
        {
            Assert.All(await gateway.Client.StatusesAsync(10, path, here), status => Assert.Equal(200, status));
            using var answer = await gateway.Client.GetAsync(path, here);
            Assert.Null(answer.Header(Headers[0]));
        }

        // A user behind the same address is not touched by it.
        Assert.Equal([200], await gateway.Client.StatusesAsync(1, Route, here, ("X-API-Key", shared.Authority.CreateKey())));
    }

    [Fact]
    public async Task The_default_limits_let_a_burst_of_a_few_hundred_requests_through()
    {
        await using var gateway = await shared.StartGatewayAsync();
        var key = ("X-API-Key", shared.Authority.CreateKey());

        var byKey = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => gateway.Client.StatusesAsync(60, Route, key)));
        var anonymous = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => gateway.Client.StatusesAsync(40, "/")));

        Assert.All(byKey.Concat(anonymous).SelectMany(statuses => statuses), status => Assert.Equal(200, status));
    }

    [Fact]
    public async Task The_legacy_settings_limit_keys_users_and_addresses()
    {
        await using var gateway = await shared.StartGatewayAsync(("RATE_LIMIT_REQUESTS", "4"), ("RATE_LIMIT_PERIOD", "hour"), ("Edge:TrustedProxies", "127.0.0.1"));

        Assert.Equal([200, 200, 200, 200, 429], await gateway.Client.StatusesAsync(5, Route, ("X-API-Key", shared.Authority.CreateKey())));
        Assert.Equal([200, 200, 200, 200, 429], await gateway.Client.StatusesAsync(5, Route, ("X-API-Key", shared.Authority.CreateJwt())));
        using var refused = await gateway.Client.GetAsync(Route, ("X-Forwarded-For", "203.0.113.77"));
        Assert.Equal(("4", "3"), (refused.Header(Headers[0]), refused.Header(Headers[1])));
    }

    [Fact]
    public async Task What_is_refused_is_counted_by_the_kind_of_limit()
    {
        var counted = new ConcurrentBag<string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "gaia.gateway.limited")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Add(tags.ToArray().Single(tag => tag.Key == "kind").Value as string));
        listener.Start();
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 1, Hour), .. LimitSettings.Limit("User", 2, Hour)]);
        var user = Guid.NewGuid();
        await gateway.Client.StatusesAsync(2, Route, ("X-API-Key", shared.Authority.CreateKey(user)));
        await gateway.Client.StatusesAsync(2, Route, ("X-API-Key", shared.Authority.CreateJwt(user)));

        Assert.Equal(["key", "user"], counted.Order());
    }

    [Fact]
    public async Task Limits_can_be_switched_off()
    {
        await using var gateway = await shared.StartGatewayAsync([.. LimitSettings.Limit("Key", 1, Hour), ("Limits:Enabled", "false")]);
        var key = shared.Authority.CreateKey();

        Assert.Equal([200, 200, 200], await gateway.Client.StatusesAsync(3, Route, ("X-API-Key", key)));
        using var answer = await gateway.Client.GetAsync(Route, ("X-API-Key", key));
        Assert.Null(answer.Header(Headers[0]));
    }

    [Theory]
    [InlineData("Limits:Key:Permits", "0")]
    [InlineData("Limits:Roles:admin:Period", "00:00:00")]
    [InlineData("RATE_LIMIT_PERIOD", "fortnight")]
    [InlineData("RATE_LIMIT_REQUESTS", "-3")]
    [InlineData("Limits:StreamsPerUser", "0")]
    [InlineData("Edge:TrustedProxies", "10.0.0.0/8, proxy.example")]
    public async Task A_gateway_with_wrong_limits_does_not_start(string key, string value)
    {
        var exception = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(async () =>
        {
            await using var gateway = await shared.StartGatewayAsync((key, value));
        });

        Assert.Contains(key.StartsWith("Edge", StringComparison.Ordinal) ? "Edge" : "Limits", exception.Message, StringComparison.OrdinalIgnoreCase);
    }
}

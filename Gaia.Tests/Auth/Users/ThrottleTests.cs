using System.Net;
using System.Net.Http.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Users;

/// <summary>Guessing at passwords is slow, and does not keep anybody out.</summary>
[Collection(SharedServers.Name)]
public sealed class ThrottleTests(NativeServers servers)
{
    private const string AttackersAddress = "198.51.100.7";
    private const string UsersAddress = "203.0.113.9";

    [Fact]
    public async Task Of_many_wrong_passwords_at_once_only_the_first_few_are_looked_at()
    {
        await using var auth = await StartAsync(("Auth:Throttle:PairBurst", "5"));
        var user = await auth.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryAsync(auth, user.Email, "wrong password", AttackersAddress)));

        Assert.Equal(5, answers.Count(answer => answer.Status == HttpStatusCode.BadRequest));
        Assert.Equal(15, answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests));
        Assert.All(answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests), answer =>
        {
            Assert.InRange(answer.RetryAfter!.Value.TotalSeconds, 1, 30);
            Assert.StartsWith("""{"detail":"Login failed: Too many attempts with an invalid email or password.""", answer.Body, StringComparison.Ordinal);
        });
        // Also the right one: otherwise the answer would tell which it is.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync(auth, user.Email, UserRequests.Password, AttackersAddress)).Status);
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(auth, user.Email, UserRequests.Password, UsersAddress)).Status);
    }

    [Fact]
    public async Task Guessing_from_many_addresses_is_slow_too_and_keeps_no_user_out_who_has_been_there_before()
    {
        await using var auth = await StartAsync(("Auth:Throttle:EmailBurst", "5"), ("Auth:Throttle:EmailPeriod", "00:10:00"));
        var user = await auth.RegisterAsync();
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(auth, user.Email, UserRequests.Password, UsersAddress)).Status);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
            answers.Add((await TryAsync(auth, user.Email, "wrong password", $"198.51.100.{i}")).Status);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.BadRequest, 5), .. Enumerable.Repeat(HttpStatusCode.TooManyRequests, 3)], answers);
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(auth, user.Email, UserRequests.Password, UsersAddress)).Status);
    }

    [Fact]
    public async Task An_address_that_tries_many_users_is_slowed_down()
    {
        await using var auth = await StartAsync(("Auth:Throttle:AddressBurst", "4"), ("Auth:Throttle:AddressPeriod", "00:10:00"));

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 6; i++)
            answers.Add((await TryAsync(auth, UserRequests.NewEmail(), "wrong password", $"2001:db8:1:2::{i + 1}")).Status);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.BadRequest, 4), HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], answers);
        Assert.Equal(HttpStatusCode.BadRequest, (await TryAsync(auth, UserRequests.NewEmail(), "wrong password", "2001:db8:1:3::1")).Status);
    }

    [Fact]
    public async Task Only_failures_count()
    {
        await using var auth = await StartAsync(("Auth:Throttle:PairBurst", "2"), ("Auth:Throttle:EmailBurst", "2"), ("Auth:Throttle:AddressBurst", "2"));
        var user = await auth.RegisterAsync();

        for (var i = 0; i < 6; i++)
            Assert.Equal(HttpStatusCode.OK, (await TryAsync(auth, user.Email, UserRequests.Password, UsersAddress)).Status);
    }

    [Fact]
    public async Task Registering_without_end_is_refused_in_the_contracts_words()
    {
        await using var auth = await StartAsync(("Auth:Throttle:RegistrationBurst", "2"));
        await auth.RegisterAsync();
        await auth.RegisterAsync();

        var (status, body) = await auth.PostAsync("register", new { email = UserRequests.NewEmail(), password = UserRequests.Password });

        Assert.Equal((HttpStatusCode.BadRequest, "Too many registration attempts. Please try again later"), (status, (string?)body["detail"]));
    }

    private async Task<AuthHost> StartAsync(params (string, string?)[] settings) =>
        await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync(), settings: [("Auth:PasswordIterations", "1000"), .. settings]);

    /// <summary>As the gateway forwards it for a client at this address.</summary>
    private static async Task<(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)> TryAsync(AuthHost auth, string email, string password, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login") { Content = JsonContent.Create(new { email, password }) };
        request.Headers.Add("X-Forwarded-For", address);
        using var response = await auth.AsService.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.RetryAfter?.Delta);
    }
}

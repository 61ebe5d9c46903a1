using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Stack;

/// <summary>Who may go on while what knows the credentials is killed, in the middle of the requests of many clients.</summary>
[Collection(StackGroup.Name)]
public class IdentityOutageTests(GaiaStack stack)
{
    private const int Unseen = 80;

    /// <summary>How many of them the load leaves to the test itself.</summary>
    private const int Reserve = 30;

    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Auth_killed_under_load_lets_cached_credentials_go_on_and_others_get_503_and_nobody_401()
    {
        var seen = await UnderLoadAsync(async fresh =>
        {
            var killed = ServiceProcess.Find(stack.App, "auth");
            killed.Kill();
            await killed.WaitForExitAsync();
            // Nothing is remembered of it, and nobody can be asked.
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await fresh());
            await RecoverAsync(fresh);
            Assert.NotEqual(killed.Id, ServiceProcess.Find(stack.App, "auth").Id);
        });

        Assert.Equal([HttpStatusCode.OK], seen.Cached);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], seen.Fresh);
    }

    [Fact]
    public async Task Redis_killed_under_load_lets_cached_credentials_go_on_and_nobody_gets_401()
    {
        var seen = await UnderLoadAsync(fresh => stack.WhileKilledAsync("redis", "redis-server", async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await RecoverAsync(fresh);
                await Task.Delay(200);
            }
        }));

        Assert.Equal([HttpStatusCode.OK], seen.Cached);
        Assert.Contains(HttpStatusCode.OK, seen.Fresh);
        Assert.All(seen.Fresh, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{status}"));
    }

    /// <summary>Runs something while eight clients ask, four of them with credentials that are known and four with ones that nobody has seen yet.</summary>
    private async Task<(IReadOnlyList<HttpStatusCode> Cached, IReadOnlyList<HttpStatusCode> Fresh)> UnderLoadAsync(Func<Func<Task<HttpStatusCode>>, Task> meanwhile)
    {
        var (token, key) = (await RegisterAsync(), await CreateKeyAsync(await RegisterAsync()));
        (string Header, string Value)[] known = [("X-API-Key", GaiaStack.DevelopmentKey), ("X-API-Key", key), ("Authorization", $"Bearer {key}"), ("Authorization", $"Bearer {token}")];
        foreach (var (header, value) in known)
            Assert.Equal(HttpStatusCode.OK, await AskAsync(header, value));
        var owner = await RegisterAsync();
        var unseen = new ConcurrentQueue<string>();
        // A few at a time: the keys of one user are made one after the other.
        await Parallel.ForEachAsync(Enumerable.Range(0, Unseen), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => unseen.Enqueue(await CreateKeyAsync(owner)));

        var (cached, fresh) = (new ConcurrentDictionary<HttpStatusCode, int>(), new ConcurrentDictionary<HttpStatusCode, int>());
        using var ending = new CancellationTokenSource();
        var clients = known.Select(credential => LoopAsync(cached, async () => await AskAsync(credential.Header, credential.Value)))
            .Concat(Enumerable.Range(0, 4).Select(_ => LoopAsync(fresh, AskSparinglyAsync))).ToList();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5));
            await meanwhile(async () => Count(fresh, await AskFreshAsync()));
            await Task.Delay(TimeSpan.FromSeconds(0.5));
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(clients);
        }

        Assert.True(cached.Values.Sum() > 50, $"{cached.Values.Sum()} requests are no load");
        return ([.. cached.Keys.Order()], [.. fresh.Keys.Order()]);

        // One that met an outage is as new as before.
        async Task<HttpStatusCode> AskFreshAsync()
        {
            Assert.True(unseen.TryDequeue(out var credential), "every credential has been used");
            var status = await AskAsync("X-API-Key", credential!);
            if (status != HttpStatusCode.OK)
                unseen.Enqueue(credential!);
            return status;
        }

        async Task<HttpStatusCode?> AskSparinglyAsync()
        {
            await Task.Delay(300);
            return unseen.Count > Reserve ? await AskFreshAsync() : null;
        }

        async Task LoopAsync(ConcurrentDictionary<HttpStatusCode, int> statuses, Func<Task<HttpStatusCode?>> ask)
        {
            while (!ending.IsCancellationRequested)
            {
                if (await ask() is { } status)
                    Count(statuses, status);
                await Task.Delay(20);
            }
        }
    }

    private static HttpStatusCode Count(ConcurrentDictionary<HttpStatusCode, int> statuses, HttpStatusCode status)
    {
        statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
        return status;
    }

    private static async Task RecoverAsync(Func<Task<HttpStatusCode>> fresh)
    {
        var started = Stopwatch.GetTimestamp();
        while (await fresh() != HttpStatusCode.OK)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < RecoveryLimit, "new credentials are not accepted again");
            await Task.Delay(50);
        }
    }

    /// <summary>Through the gateway and Chat to PostgreSQL: the credential, its permissions at both, and the internal token.</summary>
    private async Task<HttpStatusCode> AskAsync(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations");
        request.Headers.Add(header, value);
        using var response = await stack.Anonymous.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(20));
        return response.StatusCode;
    }

    /// <summary>A new user's access token.</summary>
    private async Task<string> RegisterAsync()
    {
        using var response = await stack.Anonymous.PostAsJsonAsync("/api/v1/auth/register", new { email = UserRequests.NewEmail(), password = UserRequests.Password });
        return (string)(await ReadAsync(response))["session"]!["access_token"]!;
    }

    private async Task<string> CreateKeyAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/keys") { Content = JsonContent.Create(new { name = "outage" }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await stack.Anonymous.SendAsync(request);
        return (string)(await ReadAsync(response))["key"]!;
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}

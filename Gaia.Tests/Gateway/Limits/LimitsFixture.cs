using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway.Limits;

/// <summary>What stands around the gateways of the tests of one class: who its callers are, and a chat service.</summary>
public sealed class LimitsFixture(NativeServers servers) : IAsyncLifetime
{
    /// <summary>Knows no credential of <see cref="Authority"/>.</summary>
    internal AuthHost Auth { get; private set; } = null!;

    internal ScriptedAuthority Authority { get; private set; } = null!;

    internal StubService Chat { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        Authority = await ScriptedAuthority.StartAsync(Auth);
        Chat = await StubService.StartAsync();
        // The very first request of a process takes longer than Auth is given.
        await using var gateway = await StartGatewayAsync();
        await Eventually.TrueAsync(async () => await gateway.Client.StatusesAsync(1, "/api/v1/conversations", ("X-API-Key", Authority.CreateKey())) is [200]);
    }

    public async Task DisposeAsync()
    {
        await Chat.DisposeAsync();
        await Authority.DisposeAsync();
        await Auth.DisposeAsync();
    }

    /// <summary>A gateway that starts with these limits.</summary>
    internal Task<GatewayHost> StartGatewayAsync(params IEnumerable<(string Key, string? Value)> settings) =>
        GatewayHost.StartAsync(servers, Authority.Url, Chat.Url, settings.Prepend(("Limits:SharedTimeout", "00:00:05")));
}

internal static class LimitSettings
{
    /// <summary>A limit in configuration.</summary>
    public static IEnumerable<(string Key, string? Value)> Limit(string name, int permits, int seconds, int? burst = null)
    {
        yield return ($"Limits:{name}:Permits", $"{permits}");
        yield return ($"Limits:{name}:Period", $"{TimeSpan.FromSeconds(seconds)}");
        if (burst is not null)
            yield return ($"Limits:{name}:Burst", $"{burst}");
    }

    /// <summary>One request to a route that needs a credential, with these headers.</summary>
    public static async Task<HttpResponseMessage> GetAsync(this HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }

    /// <summary>The statuses of several requests, one after the other.</summary>
    public static async Task<List<int>> StatusesAsync(this HttpClient client, int count, string path, params (string Name, string Value)[] headers)
    {
        var statuses = new List<int>();
        for (var i = 0; i < count; i++)
        {
            using var answer = await client.GetAsync(path, headers);
            statuses.Add((int)answer.StatusCode);
        }

        return statuses;
    }

    public static string? Header(this HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}

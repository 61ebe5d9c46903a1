using System.Net.Http.Headers;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>A gateway between a real Auth and a chat service that answers what a test wants, for the tests of one class.</summary>
public sealed class GatewayFixture(NativeServers servers) : IAsyncLifetime
{
    public const string AllowedOrigin = "https://game.example";

    internal AuthHost Auth { get; private set; } = null!;

    internal StubService Chat { get; private set; } = null!;

    internal GatewayHost Gateway { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Auth = await AuthHost.StartAsync(servers, await servers.CreateDatabaseAsync());
        Chat = await StubService.StartAsync();
        Gateway = await StartGatewayAsync(Chat.Url, ("ALLOWED_ORIGINS", $"http://localhost:8080,{AllowedOrigin}"));
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Chat.DisposeAsync();
        await Auth.DisposeAsync();
    }

    /// <summary>Another gateway with the same Auth.</summary>
    internal Task<GatewayHost> StartGatewayAsync(string chatUrl, params IEnumerable<(string Key, string? Value)> settings) =>
        GatewayHost.StartAsync(servers, Auth.Url, chatUrl, settings);
}

internal static class GatewayRequests
{
    /// <summary>A request with the development key, answered up to its headers.</summary>
    public static async Task<HttpResponseMessage> AskAsync(this GatewayHost gateway, HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-API-Key", AuthHost.DevelopmentKey);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (method == HttpMethod.Post)
            request.Content = new StringContent("""{"message":"Hello"}""", new MediaTypeHeaderValue("application/json"));
        return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}

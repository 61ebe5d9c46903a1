using Gaia.Gateway;
using Microsoft.Extensions.Configuration;

namespace Gaia.Tests.Infrastructure;

/// <summary>A real gateway inside the test process.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly ServiceHost _host;

    private GatewayHost(ServiceHost host)
    {
        _host = host;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(host.Url) };
    }

    /// <summary>Sends what a test says and nothing else, and shows what comes as it comes.</summary>
    public HttpClient Client { get; }

    public static async Task<GatewayHost> StartAsync(NativeServers servers, string authUrl, string chatUrl, params IEnumerable<(string Key, string? Value)> settings)
    {
        // The service's own settings file: beside the tests lie those of other services, too.
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryClone.Root, "Gaia.Gateway", "appsettings.json")).Build()
            .AsEnumerable().Where(setting => setting.Value is not null).ToDictionary();
        foreach (var (key, value) in servers.Settings(await servers.CreateDatabaseAsync()))
            configuration[key] = value;
        configuration["Services:auth:http:0"] = authUrl;
        configuration["Services:chat:http:0"] = chatUrl;
        foreach (var (key, value) in settings)
            configuration[key] = value;
        return new GatewayHost(await ServiceHost.StartAsync("Gaia.Gateway", "Development", configuration, builder => builder.AddGateway(), app => app.MapGateway()));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
    }
}

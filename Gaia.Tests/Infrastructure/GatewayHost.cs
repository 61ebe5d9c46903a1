using Gaia.Gateway;
using Microsoft.AspNetCore.Builder;
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

    public string Url => _host.Url;

    public static Task<GatewayHost> StartAsync(NativeServers servers, string authUrl, string chatUrl, params IEnumerable<(string Key, string? Value)> settings) =>
        StartAsync(servers, authUrl, chatUrl, settings, log: null);

    /// <param name="settings">Over those of the gateway's own file; a null takes one away.</param>
    /// <param name="log">Receives everything it logs.</param>
    /// <param name="add">Adds to the gateway.</param>
    /// <param name="map">Maps in front of the gateway's own pipeline.</param>
    public static async Task<GatewayHost> StartAsync(
        NativeServers servers,
        string authUrl,
        string chatUrl,
        IEnumerable<(string Key, string? Value)> settings,
        LogSink? log,
        Action<WebApplicationBuilder>? add = null,
        Action<WebApplication>? map = null)
    {
        // The service's own settings file: beside the tests lie those of other services, too.
        var configuration = new ConfigurationBuilder().AddJsonFile(Path.Combine(RepositoryClone.Root, "Gaia.Gateway", "appsettings.json")).Build()
            .AsEnumerable().Where(setting => setting.Value is not null).ToDictionary();
        foreach (var (key, value) in servers.Settings(await servers.CreateDatabaseAsync()))
            configuration[key] = value;
        configuration["Services:auth:http:0"] = authUrl;
        configuration["Services:chat:http:0"] = chatUrl;
        foreach (var (key, value) in settings)
        {
            if (value is null)
                configuration.Remove(key);
            else
                configuration[key] = value;
        }

        return new GatewayHost(await ServiceHost.StartAsync(
            "Gaia.Gateway",
            "Development",
            configuration,
            builder =>
            {
                builder.AddGateway();
                add?.Invoke(builder);
            },
            app =>
            {
                map?.Invoke(app);
                app.MapGateway();
            },
            log: log));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
    }
}

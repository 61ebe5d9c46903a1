using Gaia.Tests.Infrastructure;
using Gaia.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Web;

/// <summary>The web service in front of a real gateway and a real Auth, for the tests of one class.</summary>
public sealed class WebFixture(NativeServers servers) : IAsyncLifetime
{
    internal string Database { get; private set; } = null!;

    internal AuthHost Auth { get; private set; } = null!;

    internal GatewayHost Gateway { get; private set; } = null!;

    internal ServiceHost Web { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Auth = await AuthHost.StartAsync(servers, Database);
        Gateway = await StartGatewayAsync(Auth.Url);
        Web = await StartWebAsync();
    }

    public async Task DisposeAsync()
    {
        await Web.DisposeAsync();
        await Gateway.DisposeAsync();
        await Auth.DisposeAsync();
    }

    internal Task<GatewayHost> StartGatewayAsync(string authUrl) =>
        GatewayHost.StartAsync(servers, authUrl, "http://127.0.0.1:9", ("Edge:TrustedProxies", "127.0.0.1"));

    /// <summary>Auth and a gateway of a stack whose services agree on the time.</summary>
    internal async Task<(string Database, AuthHost Auth, GatewayHost Gateway)> StartAtAsync(TimeProvider clock)
    {
        var database = await servers.CreateDatabaseAsync();
        var auth = await AuthHost.StartAsync(servers, database, clock: clock);
        var gateway = await GatewayHost.StartAsync(
            servers, auth.Url, "http://127.0.0.1:9", [("Edge:TrustedProxies", "127.0.0.1")], log: null, builder => builder.Services.AddSingleton(clock));
        return (database, auth, gateway);
    }

    internal Task<AuthHost> StartAuthAsync(string database, params IEnumerable<(string Key, string? Value)> settings) =>
        AuthHost.StartAsync(servers, database, settings: settings);

    internal Task<string> CreateDatabaseAsync() => servers.CreateDatabaseAsync();

    /// <summary>Another replica.</summary>
    internal async Task<ServiceHost> StartWebAsync(
        string environment = "Production", TimeProvider? clock = null, LogSink? log = null, string? gatewayUrl = null, string? database = null, params IEnumerable<(string Key, string? Value)> settings)
    {
        var configuration = servers.Settings(database ?? Database);
        configuration["services:gateway:http:0"] = gatewayUrl ?? Gateway.Url;
        configuration["Gaia:EncryptionKey"] = AuthHost.EncryptionKey;
        // As published: what was only built has a fallback of ASP.NET's own for files that were added since.
        configuration["ReloadStaticAssetsAtRuntime"] = "false";
        foreach (var (key, value) in settings)
            configuration[key] = value;
        var host = await ServiceHost.StartAsync("Gaia.Web", environment, configuration, builder => builder.AddWeb(), app => app.MapWeb(), clock, log: log);
        return await host.UntilReadyAsync();
    }
}

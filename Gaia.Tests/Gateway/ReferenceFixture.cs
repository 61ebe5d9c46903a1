using System.Text.Json.Nodes;
using Gaia.Asset;
using Gaia.KB;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Gateway;

/// <summary>A gateway in front of every real service, and the document that it publishes.</summary>
public sealed class ReferenceFixture(NativeServers servers) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _services = [];

    internal GatewayHost Gateway { get; private set; } = null!;

    internal AuthHost Auth { get; private set; } = null!;

    /// <summary>The services themselves, by their names.</summary>
    internal IReadOnlyDictionary<string, (string Url, IServiceProvider Services)> Services { get; private set; } = null!;

    public string Json { get; private set; } = "";

    public JsonObject Document { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var database = await servers.CreateDatabaseAsync();
        var auth = Auth = Keep(await AuthHost.StartAsync(servers, database));
        var provider = Keep(await ScriptedProvider.StartAsync());
        var chat = Keep(await ChatHost.StartAsync(servers, database, auth.Url, provider));
        var settings = servers.Settings(database);
        settings["Services:auth:http:0"] = auth.Url;
        var asset = Keep(await ServiceHost.StartAsync("Gaia.Asset", "Development", settings, static builder => builder.AddAsset(), static app => app.MapAsset()));
        var kb = Keep(await ServiceHost.StartAsync("Gaia.KB", "Development", settings, static builder => builder.AddKnowledgeBase(), static app => app.MapKnowledgeBase()));
        Gateway = Keep(await GatewayHost.StartAsync(servers, auth.Url, chat.Url, ("Services:asset:http:0", asset.Url), ("Services:kb:http:0", kb.Url)));
        Services = new Dictionary<string, (string, IServiceProvider)>
        {
            ["auth"] = (auth.Url, auth.Services),
            ["chat"] = (chat.Url, chat.Services),
            ["asset"] = (asset.Url, asset.Services),
            ["kb"] = (kb.Url, kb.Services),
        };
        Json = await Gateway.Client.GetStringAsync("/openapi.json");
        Document = JsonNode.Parse(Json)!.AsObject();
    }

    public async Task DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_services))
            await service.DisposeAsync();
    }

    /// <summary>Every operation with its path and its method, in lower case.</summary>
    internal IEnumerable<(string Path, string Method, JsonObject Operation)> Operations() =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, operation.Key, operation.Value!.AsObject());

    private T Keep<T>(T service) where T : IAsyncDisposable
    {
        _services.Add(service);
        return service;
    }
}

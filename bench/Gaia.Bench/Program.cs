using Yarp.ReverseProxy.Configuration;

// What the benchmarks need beside Gaia itself. `upstream` answers every request with a small JSON object; `yarp` is a reverse
// proxy with nothing but a route to the upstream, whose address is the second argument.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
switch (args)
{
    case ["upstream"]:
        var upstream = builder.Build();
        var answer = """{"conversations":[{"id":"7c0e6ee3-6d0a-4b0e-9b4f-0d3d7c1a2f11","title":"A conversation","preview":"What was said last"}]}"""u8.ToArray();
        upstream.Run(context => Results.Bytes(answer, "application/json").ExecuteAsync(context));
        upstream.Run();
        return 0;

    case ["yarp", var address]:
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**rest}" } }],
            [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = address } } }]);
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        proxy.Run();
        return 0;

    default:
        Console.Error.WriteLine("Usage: Gaia.Bench upstream | yarp <address>");
        return 2;
}

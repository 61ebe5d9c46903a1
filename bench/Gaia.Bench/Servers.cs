using Yarp.ReverseProxy.Configuration;

namespace Gaia.Bench;

/// <summary>What stands behind Gaia in a benchmark, or beside it. Each listens where <c>ASPNETCORE_URLS</c> says, until it is ended.</summary>
internal static class Servers
{
    /// <summary>Answers every request with a small JSON object.</summary>
    public static void RunUpstream()
    {
        var upstream = CreateBuilder().Build();
        var answer = """{"conversations":[{"id":"7c0e6ee3-6d0a-4b0e-9b4f-0d3d7c1a2f11","title":"A conversation","preview":"What was said last"}]}"""u8.ToArray();
        upstream.Run(context => Results.Bytes(answer, "application/json").ExecuteAsync(context));
        upstream.Run();
    }

    /// <summary>A reverse proxy with nothing but a route to the upstream.</summary>
    public static void RunYarp(string upstream)
    {
        var builder = CreateBuilder();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**rest}" } }],
            [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = upstream } } }]);
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        proxy.Run();
    }

    /// <summary>Speaks OpenAI's chat completions.</summary>
    public static void RunProvider()
    {
        var provider = CreateBuilder().Build();
        using var pacer = new Pacer();
        provider.Run(new Provider(pacer).AnswerAsync);
        provider.Run();
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }
}

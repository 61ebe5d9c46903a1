using System.Globalization;
using Gaia.Bench;
using Yarp.ReverseProxy.Configuration;

// What the benchmarks need beside Gaia itself. `upstream` answers every request with a small JSON object; `yarp` is a reverse
// proxy with nothing but a route to the upstream, whose address is the second argument; `provider` speaks OpenAI's chat
// completions; `first` and `streams` measure the streams of whoever is asked; `open` and `memory` the web chat.
switch (args)
{
    case ["upstream"]:
        var upstream = CreateBuilder().Build();
        var answer = """{"conversations":[{"id":"7c0e6ee3-6d0a-4b0e-9b4f-0d3d7c1a2f11","title":"A conversation","preview":"What was said last"}]}"""u8.ToArray();
        upstream.Run(context => Results.Bytes(answer, "application/json").ExecuteAsync(context));
        upstream.Run();
        return 0;

    case ["yarp", var address]:
        var builder = CreateBuilder();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**rest}" } }],
            [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = address } } }]);
        var proxy = builder.Build();
        proxy.MapReverseProxy();
        proxy.Run();
        return 0;

    case ["provider"]:
        var provider = CreateBuilder().Build();
        using (var pacer = new Pacer())
        {
            provider.Run(new Provider(pacer).AnswerAsync);
            provider.Run();
        }

        return 0;

    case ["first", var address, var count, .. var headers]:
        using (var client = new StreamClient(address, headers))
            await Streams.PrintTimeToFirstAsync(client, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;

    case ["streams", var address, var count, .. var headers]:
        using (var client = new StreamClient(address, headers))
            await Streams.PrintHeldAsync(client, int.Parse(count, CultureInfo.InvariantCulture));
        return 0;

    case ["open", var address, var email, var count, .. var paths]:
        await Web.PrintOpenAsync(address, email, int.Parse(count, CultureInfo.InvariantCulture), paths);
        return 0;

    case ["memory", var address, var pid, var people, var messages, var rounds]:
        await Web.PrintMemoryAsync(
            address, int.Parse(pid, CultureInfo.InvariantCulture), int.Parse(people, CultureInfo.InvariantCulture), int.Parse(messages, CultureInfo.InvariantCulture), int.Parse(rounds, CultureInfo.InvariantCulture));
        return 0;

    default:
        Console.Error.WriteLine("Usage: Gaia.Bench upstream | yarp <address> | provider | first <address> <count> [Header:value…] | streams <address> <count> [Header:value…] | open <address> <email> <count> <path>… | memory <address> <pid> <people> <messages> <rounds>");
        return 2;
}

static WebApplicationBuilder CreateBuilder()
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.ClearProviders();
    return builder;
}

using System.Globalization;

namespace Gaia.Bench;

/// <summary>What the benchmarks need beside Gaia itself: servers; and clients that measure streams and the web chat.</summary>
internal static class Commands
{
    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["upstream"]:
                Servers.RunUpstream();
                return 0;

            case ["yarp", var upstream]:
                Servers.RunYarp(upstream);
                return 0;

            case ["provider"]:
                Servers.RunProvider();
                return 0;

            case ["first", var address, var count, .. var headers]:
                using (var client = new StreamClient(address, headers))
                    await Streams.PrintTimeToFirstAsync(client, Number(count));
                return 0;

            case ["streams", var address, var count, .. var headers]:
                using (var client = new StreamClient(address, headers))
                    await Streams.PrintHeldAsync(client, Number(count));
                return 0;

            case ["open", var address, var email, var count, .. var paths]:
                await Web.PrintOpenAsync(address, email, Number(count), paths);
                return 0;

            case ["memory", var address, var pid, var people, var messages, var rounds]:
                await Web.PrintMemoryAsync(address, Number(pid), Number(people), Number(messages), Number(rounds));
                return 0;

            default:
                Console.Error.WriteLine("Usage: Gaia.Bench upstream | yarp <address> | provider | first <address> <count> [Header:value…] | streams <address> <count> [Header:value…] | open <address> <email> <count> <path>… | memory <address> <pid> <people> <messages> <rounds>");
                return 2;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Infrastructure;

/// <summary>
/// A server of a stack that hangs: its connections stay, new ones are accepted by the kernel, and nothing is answered. That is
/// what a full disk, a stopped virtual machine or a network that drops packets looks like from a service.
/// </summary>
internal static class HungServer
{
    /// <summary>Lets this server hang for as long as <paramref name="meanwhile"/> runs.</summary>
    /// <param name="program">The server's program, so that nothing else is ever stopped.</param>
    public static async Task WhileAsync(DistributedApplication app, string resource, string program, Func<Task> meanwhile)
    {
        var processes = Processes(app, resource, program);
        try
        {
            // The first is the one that would start others.
            foreach (var process in processes)
                await SignalAsync("STOP", process);
            // Those that it started meanwhile.
            foreach (var process in Children(processes[0]).Except(processes).ToList())
            {
                processes.Add(process);
                await SignalAsync("STOP", process);
            }

            Assert.All(processes, process => Assert.True(ProcFile.Stat(process).State is 'T' or default(char), $"process {process} of {resource} does not hang"));
            await meanwhile();
        }
        finally
        {
            foreach (var process in processes)
                await SignalAsync("CONT", process);
        }
    }

    /// <summary>Kills this server as nothing but <c>kill -9</c> does. It stays down until it is started.</summary>
    /// <param name="program">The server's program, so that nothing else is ever killed.</param>
    public static Task KillAsync(DistributedApplication app, string resource, string program) => SignalAsync("KILL", Processes(app, resource, program)[0]);

    /// <summary>The process that listens on the server's port, and its children.</summary>
    private static List<int> Processes(DistributedApplication app, string resource, string program)
    {
        var server = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<IResourceWithEndpoints>().Single(candidate => candidate.Name == resource);
        var port = new EndpointReference(server, "tcp").Port;
        var listener = Process.GetProcesses().Select(process => process.Id)
            .FirstOrDefault(pid => ProcFile.CommandLine(pid).Contains(program, StringComparison.Ordinal) && Listens(pid, port));
        Assert.True(listener > 0, $"no process '{program}' listens on port {port}");
        return [listener, .. Children(listener)];
    }

    private static IEnumerable<int> Children(int parent) => Process.GetProcesses().Select(process => process.Id).Where(pid => ProcFile.Stat(pid).Parent == parent);

    private static bool Listens(int pid, int port)
    {
        var sockets = new[] { "net/tcp", "net/tcp6" }.SelectMany(table => ProcFile.Read(pid, table).Split('\n').Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(field => field.Length > 9 && field[3] == "0A" && field[1].EndsWith($":{port.ToString("X4", CultureInfo.InvariantCulture)}", StringComparison.Ordinal))
            .Select(field => $"socket:[{field[9]}]").ToHashSet();
        try
        {
            return sockets.Count > 0 && Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Any(handle => sockets.Contains(new FileInfo(handle).LinkTarget ?? ""));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A process may have ended by itself, as PostgreSQL's children do.</summary>
    private static async Task SignalAsync(string signal, int process)
    {
        if (Directory.Exists($"/proc/{process}"))
            await RepositoryClone.RunAsync("sh", ["-c", $"kill -{signal} {process} || [ ! -d /proc/{process} ]"]);
    }
}

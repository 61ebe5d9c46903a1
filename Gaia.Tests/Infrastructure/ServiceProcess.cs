using System.Diagnostics;
using Gaia.Tests.Stack;

namespace Gaia.Tests.Infrastructure;

/// <summary>Finds the processes of a stack, whoever started them.</summary>
internal static class ServiceProcess
{
    /// <summary>The process of this service that belongs to this stack: it has the service's URL in its environment.</summary>
    public static Process Find(GaiaStack stack, string service)
    {
        using var client = Aspire.Hosting.Testing.DistributedApplicationHostingTestingExtensions.CreateHttpClient(stack.App, service, "http");
        var port = client.BaseAddress!.Port;
        return Process.GetProcesses().Single(process => IsService(process, service) && Listens(process.Id, port));
    }

    private static bool IsService(Process process, string service) =>
        CommandLine(process.Id).Contains($"Gaia.{service}", StringComparison.OrdinalIgnoreCase)
        && !CommandLine(process.Id).Contains("dotnet run", StringComparison.Ordinal);

    private static bool Listens(int pid, int port) =>
        Read($"/proc/{pid}/environ").Split('\0').Any(variable => variable.StartsWith("ASPNETCORE_URLS=", StringComparison.Ordinal) && variable.Contains($":{port}", StringComparison.Ordinal));

    private static string CommandLine(int pid) => Read($"/proc/{pid}/cmdline").Replace('\0', ' ');

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

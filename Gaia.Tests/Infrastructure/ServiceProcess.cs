using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace Gaia.Tests.Infrastructure;

/// <summary>Finds the processes of a stack, whoever started them.</summary>
internal static class ServiceProcess
{
    private const string Urls = "ASPNETCORE_URLS";

    /// <summary>The process of this service that belongs to this stack: it has the service's URL in its environment.</summary>
    public static Process Find(DistributedApplication app, string service)
    {
        using var client = app.CreateHttpClient(service, "http");
        var port = client.BaseAddress!.Port;
        return Process.GetProcesses().Single(process => IsService(process, service) && Variable(process, Urls)?.Contains($":{port}", StringComparison.Ordinal) == true);
    }

    /// <summary>What this variable was when the process started; null when it was not set.</summary>
    public static string? Variable(Process process, string name) =>
        ProcFile.Read(process.Id, "environ").Split('\0').FirstOrDefault(variable => variable.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private static bool IsService(Process process, string service) =>
        ProcFile.CommandLine(process.Id) is var command
        && command.Contains($"Gaia.{service}", StringComparison.OrdinalIgnoreCase)
        && !command.Contains("dotnet run", StringComparison.Ordinal);
}

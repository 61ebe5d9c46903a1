using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Gaia.AppHost;

/// <summary>
/// Tells on the console how the start goes: a line per resource that is ready, then one table of addresses; and for a resource
/// that fails its name with the end of its log.
/// </summary>
public sealed partial class Announcer(
    StackBuilder stack, DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService logs,
    IConfiguration configuration, TimeProvider time, ILogger<Announcer> logger) : ResourceWatcher(logger)
{
    /// <summary>The key that the README prints; it works in the environment Development alone.</summary>
    private const string DevelopmentKey = "FJUeDkZRy0uPp7cYtavMsIfwi7weF9-RT7BeOlusqnE";

    private const int LogLines = 20;
    private const int MaxLines = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HashSet<string> _failed = [];

    protected override async Task WatchAsync(CancellationToken stoppingToken)
    {
        var servers = new[] { "postgres", "redis", "nats" };
        var expected = model.Resources.Where(resource => resource is ProjectResource || servers.Contains(resource.Name)).ToDictionary(resource => resource.Name);
        var ready = new HashSet<string>();
        _ = ReportLateAsync(expected, ready, stoppingToken);
        await foreach (var update in notifications.WatchAsync(stoppingToken))
        {
            var (name, state) = (update.Resource.Name, update.Snapshot.State?.Text);
            if (!expected.ContainsKey(name)) continue;

            if (update.Snapshot.HealthStatus == HealthStatus.Healthy)
            {
                if (_failed.Remove(name)) Console.WriteLine($"  {name} is back.");
                if (!ready.Add(name)) continue;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-9} ready after {time.GetElapsedTime(stack.StartedAt).TotalSeconds:0.0} s"));
                if (ready.Count == expected.Count) PrintAddresses();
            }
            else if (state == KnownResourceStates.FailedToStart || (state == KnownResourceStates.Finished && update.Snapshot.ExitCode is not (null or 0)))
            {
                await ReportAsync(update.Resource, $"{state}, exit code {update.Snapshot.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}", stoppingToken);
            }
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[\d:.]+Z? |\x1B\[[0-9;]*m")]
    private static partial Regex TimeOrColour();

    private async Task ReportLateAsync(Dictionary<string, IResource> expected, HashSet<string> ready, CancellationToken cancellationToken)
    {
        await Task.Delay(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var resource in expected.Values.Where(resource => !cancellationToken.IsCancellationRequested && !ready.Contains(resource.Name)).ToArray())
        {
            var state = notifications.TryGetCurrentState(resource.Name, out var update) ? update.Snapshot.State?.Text : null;
            await ReportAsync(resource, $"not ready after {Patience.TotalSeconds} s, {state ?? "no state"}", cancellationToken);
        }
    }

    private async Task ReportAsync(IResource resource, string what, CancellationToken cancellationToken)
    {
        if (!_failed.Add(resource.Name)) return;

        var end = new List<string>();
        await foreach (var lines in logs.GetAllAsync(resource).WithCancellation(cancellationToken))
            end.AddRange(lines.Select(line => TimeOrColour().Replace(line.Content, "")));

        // What went wrong stands at the head of the last exception; its frames would push it out of the last lines.
        var first = Math.Max(end.FindLastIndex(line => line.StartsWith("Unhandled exception", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal)), end.Count - MaxLines);
        if (first < 0 || end.Count - first < LogLines) first = Math.Max(0, end.Count - LogLines);
        Console.Error.WriteLine($"{resource.Name} failed ({what}). From its log:");
        foreach (var line in end.Skip(first).Take(LogLines)) Console.Error.WriteLine($"  | {line}");
    }

    private void PrintAddresses()
    {
        var gateway = $"http://localhost:{stack.Ports["gateway"]}";
        var dashboard = notifications.TryGetCurrentState("aspire-dashboard", out var state) && state.Snapshot.State?.Text == KnownResourceStates.Running
            ? $"{Ports.DashboardUrl(configuration)}/login?t={configuration["AppHost:BrowserToken"]}"
            : "not running";
        // Anywhere but in Development the key that everybody knows is refused.
        var header = stack.IsDevelopment ? $"'X-API-Key: {DevelopmentKey}'" : "\"X-API-Key: $API_KEY\"";
        var table = $"""

              Gateway          {gateway}
              Web              http://localhost:{stack.Ports["web"]}
              Dashboard        {dashboard}
              Development key  {(stack.IsDevelopment ? DevelopmentKey : "refused outside of Development")}

              Try it:
              curl -s {gateway}/api/v1/chat -H {header} -H 'Content-Type: application/json' -d '{'{'}"message":"Hello, my name is Ada"{'}'}'

              Ctrl-C stops everything.

            """;
        Console.WriteLine(table);
        stack.Data.TellAddresses(table);
    }
}

public static class AnnouncerExtensions
{
    public static IDistributedApplicationBuilder AddAnnouncer(this IDistributedApplicationBuilder builder, StackBuilder stack)
    {
        if (stack.Mode != RunMode.Local) return builder;

        // What Aspire says of its own work, the lines and the table above say shorter; the dashboard has the rest.
        builder.Services.AddLogging(logging => logging
            .AddFilter("Aspire.Hosting", LogLevel.Warning)
            .AddFilter("Aspire.Hosting.Dcp", LogLevel.Error)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        builder.Services.AddHostedService(services => new Announcer(
            stack, services.GetRequiredService<DistributedApplicationModel>(), services.GetRequiredService<ResourceNotificationService>(),
            services.GetRequiredService<ResourceLoggerService>(), services.GetRequiredService<IConfiguration>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<Announcer>>()));
        return builder;
    }
}

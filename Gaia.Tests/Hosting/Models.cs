using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Hosting;

/// <summary>Small models of a test's own, run by the same machinery as the stack.</summary>
internal static partial class Models
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static IDistributedApplicationBuilder Create(params string[] args) => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        Args = args,
        AssemblyName = typeof(Projects.Gaia_AppHost).Assembly.GetName().Name,
        DisableDashboard = true,
    });

    public static IResourceBuilder<ExecutableResource> AddShell(this IDistributedApplicationBuilder builder, string name, string script)
        => builder.AddExecutable(name, "/bin/sh", Path.GetTempPath(), "-c", script);

    public static async Task<DistributedApplication> StartAsync(this IDistributedApplicationBuilder builder)
    {
        var app = builder.Build();
        // The application has started when nothing waits any more, which some models here never come to.
        var started = app.StartAsync();
        if (await Task.WhenAny(started, Task.Delay(TimeSpan.FromSeconds(1))) == started) await started;
        return app;
    }

    public static async Task<ResourceEvent> UntilAsync(this DistributedApplication app, string name, Func<ResourceEvent, bool> predicate)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await app.ResourceNotifications.WaitForResourceAsync(name, predicate, patience.Token);
    }

    public static Task<ResourceEvent> UntilAsync(this DistributedApplication app, string name, string state)
        => app.UntilAsync(name, update => update.Snapshot.State?.Text == state);

    public static string? State(this DistributedApplication app, string name)
        => app.ResourceNotifications.TryGetCurrentState(name, out var update) ? update.Snapshot.State?.Text : null;

    public static IResource Resource(this DistributedApplication app, string name)
        => app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name);

    /// <summary>What the resource has written once it has written the mark.</summary>
    public static async Task<string> OutputAsync(this DistributedApplication app, string name, string mark)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (logs, output) = (app.Services.GetRequiredService<ResourceLoggerService>(), "");
        await foreach (var lines in logs.WatchAsync(app.Resource(name)).WithCancellation(patience.Token))
        {
            output += string.Concat(lines.Select(line => $" {Time().Replace(line.Content, "")}\n"));
            if (output.Contains(mark)) return output;
        }

        throw new InvalidOperationException($"{name} ended without writing '{mark}':\n{output}");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+ ")]
    private static partial Regex Time();

    public static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var end = TimeProvider.System.GetTimestamp(); !holds(); await Task.Delay(100))
            Assert.True(TimeProvider.System.GetElapsedTime(end) < Patience, "It did not come about.");
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gaia.AppHost;

/// <summary>
/// Starts a resource again that ended by itself, each time after a longer pause until it has been well for a while. One that was
/// stopped on purpose stays down: it passes through the state Stopping, which one that crashes never enters.
/// </summary>
public sealed partial class Supervision(
    Func<IResource, bool> isSupervised, ResourceNotificationService notifications, ResourceCommandService commands,
    TimeProvider time, ILogger<Supervision> logger) : ResourceWatcher(logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WellFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Watched> _watched = new();

    private sealed class Watched
    {
        public string State { get; set; } = "";

        public int Restarts { get; set; }

        public DateTimeOffset RunningSince { get; set; }

        public bool IsRestarting { get; set; }

        public bool IsDown { get; set; }
    }

    protected override async Task WatchAsync(CancellationToken stoppingToken)
    {
        await foreach (var update in notifications.WatchAsync(stoppingToken))
        {
            if (!isSupervised(update.Resource) || update.Snapshot.State?.Text is not { Length: > 0 } state) continue;

            var watched = _watched.GetOrAdd(update.Resource.Name, _ => new());
            var before = watched.State;
            watched.State = state;
            if (state == before) continue;

            watched.IsDown = Crashed(before, state, watched);
            if (state == KnownResourceStates.Running)
            {
                watched.RunningSince = time.GetUtcNow();
            }
            else if (state == KnownResourceStates.Waiting && watched.IsRestarting)
            {
                // Everything it waits for was there once; what is away now, the service has to live with.
                _ = commands.ExecuteCommandAsync(update.Resource, KnownResourceCommands.StartCommand, stoppingToken);
            }
            else if (watched.IsDown && !watched.IsRestarting)
            {
                if (time.GetUtcNow() - watched.RunningSince >= WellFor) watched.Restarts = 0;
                watched.IsRestarting = true;
                _ = RestartAsync(update.Resource, watched, update.Snapshot.ExitCode, stoppingToken);
            }
        }
    }

    private static bool Crashed(string before, string state, Watched watched)
        => before != KnownResourceStates.Stopping && (state == KnownResourceStates.Finished || state == KnownResourceStates.Exited
            // A first start that fails will fail again: something is missing or wrong.
            || (state == KnownResourceStates.FailedToStart && watched.Restarts > 0));

    private async Task RestartAsync(IResource resource, Watched watched, int? exitCode, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(watched.Restarts, 10)));
                watched.Restarts++;
                LogCrash(resource.Name, exitCode, pause.TotalSeconds);
                await Task.Delay(pause, time, cancellationToken);
                if (!watched.IsDown) return;

                await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
                // The command returns before the news of what became of it arrives, and a crash meanwhile must not be lost.
                await Task.Delay(FirstPause, time, cancellationToken);
                if (!watched.IsDown) return;
            }
        }
        catch (OperationCanceledException)
        {
            // The stack is stopping.
        }
        finally
        {
            watched.IsRestarting = false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Resource} ended by itself (exit code {ExitCode}); it starts again in {Seconds} s.")]
    private partial void LogCrash(string resource, int? exitCode, double seconds);
}

public static class SupervisionExtensions
{
    /// <summary>Keeps the resources that <paramref name="isSupervised"/> names running.</summary>
    public static IDistributedApplicationBuilder AddSupervision(this IDistributedApplicationBuilder builder, Func<IResource, bool> isSupervised)
    {
        if (builder.ExecutionContext.IsRunMode)
        {
            builder.Services.AddHostedService(services => new Supervision(
                isSupervised, services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceCommandService>(),
                services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<Supervision>>()));
        }

        return builder;
    }
}

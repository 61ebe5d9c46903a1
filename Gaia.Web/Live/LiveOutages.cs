using NATS.Client.Core;

namespace Gaia.Web.Live;

/// <summary>What happened while NATS was away nobody is told of: once it is back, the sockets are closed, and their pages ask for what they missed.</summary>
internal sealed partial class LiveOutages(LiveSockets sockets, IServiceProvider services, TimeProvider time, ILogger<LiveOutages> logger) : BackgroundService
{
    private volatile bool _wasAway;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nats = services.GetRequiredService<INatsConnection>();
        nats.ConnectionDisconnected += (_, _) =>
        {
            _wasAway = true;
            return ValueTask.CompletedTask;
        };
        using var timer = new PeriodicTimer(LiveLimits.NatsCheck, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!_wasAway || nats.ConnectionState != NatsConnectionState.Open)
                continue;
            _wasAway = false;
            // Until whoever has something to say has found the way back, too.
            await Task.Delay(LiveLimits.NatsSettles, time, stoppingToken);
            if (_wasAway)
                continue;
            LogBack();
            sockets.Renew();
        }
    }

    [LoggerMessage(LogLevel.Information, "NATS is back: the pages are asked to look for what they missed")]
    private partial void LogBack();
}

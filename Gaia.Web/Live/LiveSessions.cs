using Gaia.ServiceDefaults.Http;
using Gaia.Web.Sessions;

namespace Gaia.Web.Live;

/// <summary>Closes the sockets of sessions that are over: at once where NATS says so, and by looking every now and then where it does not.</summary>
internal sealed partial class LiveSessions(LiveSockets sockets, SessionStore sessions, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<LiveSessions> logger) : BackgroundService
{
    /// <summary>An event is a hint, and also says that the user of a session has another name.</summary>
    public async Task CheckAsync(string sessionId, CancellationToken cancellationToken)
    {
        if (!sockets.Sessions().Contains(sessionId))
            return;
        try
        {
            if (await sessions.ReadTokensAsync(sessionId, cancellationToken) is null)
                sockets.EndSession(sessionId);
        }
        catch (DependencyUnavailableException exception)
        {
            LogLater(exception.GetBaseException().Message);
        }
    }

    /// <summary>Looks for those that ended unheard of.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        foreach (var session in sockets.Sessions())
            await CheckAsync(session, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server waits for its connections before this service is stopped.
        await using var stopping = lifetime.ApplicationStopping.Register(sockets.Stop);
        using var timer = new PeriodicTimer(LiveLimits.SessionCheck, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await CheckAsync(stoppingToken);
    }

    [LoggerMessage(LogLevel.Warning, "Whether a session goes on is seen later: {Reason}")]
    private partial void LogLater(string reason);
}

using Gaia.ServiceDefaults.Http;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;

namespace Gaia.Web.Live;

/// <summary>Closes the sockets of sessions that are over: at once where NATS says so, and by looking every now and then where it does not.</summary>
internal sealed partial class LiveSessions(LiveSockets sockets, SessionStore sessions, GatewayApi gateway, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<LiveSessions> logger) : BackgroundService
{
    /// <summary>An event is a hint, and also says that the user of a session has another name.</summary>
    public Task CheckAsync(string sessionId, CancellationToken cancellationToken) =>
        sockets.Sessions().Contains(sessionId) ? CheckAsync([sessionId], cancellationToken) : Task.CompletedTask;

    /// <summary>Looks for those that ended unheard of.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => CheckAsync(sockets.Sessions(), cancellationToken);

    /// <summary>Looks for those that ended at the gateway alone.</summary>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        foreach (var session in sockets.Sessions())
        {
            try
            {
                if (await sessions.ReadTokensAsync(session, cancellationToken) is { } tokens)
                    await gateway.ProveAsync(new CurrentSession(session, tokens), cancellationToken);
                else
                    sockets.EndSession(session);
            }
            catch (SignedOutException)
            {
                sockets.EndSession(session);
            }
            catch (GatewayException exception)
            {
                LogLater(exception.Detail);
            }
            catch (DependencyUnavailableException exception)
            {
                // Whoever does not answer for one does not for the others.
                LogLater(exception.GetBaseException().Message);
                return;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server waits for its connections before this service is stopped.
        await using var stopping = lifetime.ApplicationStopping.Register(sockets.Stop);
        using var timer = new PeriodicTimer(LiveLimits.SessionCheck, time);
        for (var round = 1; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            try
            {
                await CheckAsync(stoppingToken);
                if (round % 2 == 0)
                    await ProveAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogLater(exception.GetBaseException().Message);
            }
        }
    }

    private async Task CheckAsync(IReadOnlyList<string> watched, CancellationToken cancellationToken)
    {
        if (watched.Count == 0)
            return;
        try
        {
            foreach (var ended in watched.Except(await sessions.ListOpenAsync(watched, cancellationToken), StringComparer.Ordinal))
                sockets.EndSession(ended);
        }
        catch (DependencyUnavailableException exception)
        {
            LogLater(exception.GetBaseException().Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Whether a session goes on is seen later: {Reason}")]
    private partial void LogLater(string reason);
}

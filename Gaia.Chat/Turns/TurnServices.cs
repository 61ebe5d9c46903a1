using Gaia.ServiceDefaults.Events;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Turns;

/// <summary>What every turn uses.</summary>
internal sealed class TurnServices(
    IServiceProvider clients,
    IServiceScopeFactory scopes,
    IEventBus events,
    IOptions<ChatSettings> settings,
    IHostApplicationLifetime lifetime,
    ActiveRuns runs,
    CallTimes times,
    TimeProvider time,
    ILogger<ChatTurn> logger)
{
    /// <summary>Where the providers' clients are, by name.</summary>
    public IServiceProvider Clients => clients;

    public IServiceScopeFactory Scopes => scopes;

    public IEventBus Events => events;

    public ChatSettings Settings => settings.Value;

    public IHostApplicationLifetime Lifetime => lifetime;

    public ActiveRuns Runs => runs;

    public CallTimes Times => times;

    public TimeProvider Time => time;

    public ILogger Logger => logger;
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace NATS.Client.Core;

public sealed record NatsOpts
{
    public static readonly NatsOpts Default = new();

    public string Url { get; init; } = "nats://localhost:4222";

    public string Name { get; init; } = "NATS .NET Client";

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    public TimeSpan ReconnectWaitMin { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan ReconnectWaitMax { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many messages wait for a subscriber before new ones are dropped.</summary>
    public int SubPendingChannelCapacity { get; init; } = 1024;

    /// <summary>Whether the first connect is tried for ever, too; otherwise it throws at once.</summary>
    public bool RetryOnInitialConnect { get; init; }

    /// <summary>Whether a publish while disconnected gives up after <see cref="CommandTimeout"/>; otherwise it waits until its token says stop.</summary>
    public bool PublishTimeoutOnDisconnected { get; init; }
}

public record NatsPubOpts;

public record NatsSubOpts
{
    public int? MaxMsgs { get; init; }

    public TimeSpan? Timeout { get; init; }
}

using Microsoft.Extensions.Logging.Abstractions;

namespace NATS.Client.Core;

public sealed record NatsOpts
{
    public string Url { get; init; } = "nats://localhost:4222";

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    public TimeSpan ReconnectWaitMin { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan ReconnectWaitMax { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether the first connect is tried for ever, too; otherwise it throws at once.</summary>
    public bool RetryOnInitialConnect { get; init; }

    /// <summary>Whether a publish while disconnected gives up after <see cref="CommandTimeout"/>; otherwise it waits until its token says stop.</summary>
    public bool PublishTimeoutOnDisconnected { get; init; }
}

public record NatsPubOpts;

public record NatsSubOpts
{
    /// <summary>Of a request; five seconds unless set.</summary>
    public TimeSpan? Timeout { get; init; }
}

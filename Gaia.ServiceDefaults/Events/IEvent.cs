using System.Text.Json.Serialization.Metadata;

namespace Gaia.ServiceDefaults.Events;

/// <summary>
/// A record that travels over NATS as plain JSON. An event is a hint: it may be lost, repeated or late, and whoever
/// handles it must be right without it.
/// </summary>
public interface IEvent<TSelf> where TSelf : IEvent<TSelf>
{
    /// <summary>The subject to publish on.</summary>
    string Subject { get; }

    static abstract JsonTypeInfo<TSelf> Json { get; }
}

/// <summary>Publishes events.</summary>
public interface IEventBus
{
    /// <summary>
    /// Hands the event to a bounded queue and returns at once, also while NATS is away. The oldest waiting events are dropped
    /// when the queue is full. The current trace travels in the event's headers.
    /// </summary>
    void Publish<TEvent>(TEvent value) where TEvent : IEvent<TEvent>;

    /// <summary>Waits until what was published before has been sent, or <paramref name="limit"/> has passed.</summary>
    Task FlushAsync(TimeSpan limit, CancellationToken cancellationToken = default);
}

/// <summary>Handles one kind of event. Runs for one event at a time; must be idempotent.</summary>
public interface IEventConsumer<in TEvent>
{
    Task HandleAsync(TEvent value, CancellationToken cancellationToken);
}

namespace NATS.Client.Core;

public enum NatsConnectionState { Closed, Open, Connecting, Reconnecting, Failed }

public delegate ValueTask AsyncEventHandler<in TEventArgs>(object? sender, TEventArgs args);

public interface INatsClient : IAsyncDisposable
{
    ValueTask ConnectAsync();

    ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default);

    ValueTask PublishAsync<T>(string subject, T data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<T>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default);

    IAsyncEnumerable<NatsMsg<T>> SubscribeAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, CancellationToken cancellationToken = default);

    ValueTask<NatsMsg<TReply>> RequestAsync<TRequest, TReply>(string subject, TRequest? data, NatsHeaders? headers = default, INatsSerialize<TRequest>? requestSerializer = default, INatsDeserialize<TReply>? replySerializer = default, NatsPubOpts? requestOpts = default, NatsSubOpts? replyOpts = default, CancellationToken cancellationToken = default);
}

public interface INatsConnection : INatsClient
{
    event AsyncEventHandler<NatsEventArgs>? ConnectionDisconnected;

    NatsConnectionState ConnectionState { get; }
}

public class NatsEventArgs : EventArgs;

/// <summary>Only named by the calls above, and null there: messages are bytes or text.</summary>
public interface INatsSerialize<in T>;

public interface INatsDeserialize<out T>;

public class NatsException(string message, Exception? exception = null) : Exception(message, exception);

public sealed class NatsNoReplyException() : NatsException("No reply received");

public sealed class NatsNoRespondersException() : NatsException("No responders");

public sealed class NatsPayloadTooLargeException(string error) : NatsException(error);

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

    event AsyncEventHandler<NatsEventArgs>? ConnectionOpened;

    NatsOpts Opts { get; }

    NatsConnectionState ConnectionState { get; }
}

public class NatsEventArgs(string message) : EventArgs
{
    public string Message { get; } = message;
}

public class NatsException(string message, Exception? exception = null) : Exception(message, exception);

public sealed class NatsNoReplyException() : NatsException("No reply received");

public sealed class NatsNoRespondersException() : NatsException("No responders");

public sealed class NatsPayloadTooLargeException(string error) : NatsException(error);

public sealed class NatsServerException(string error) : NatsException($"Server error: {error}");

using System.Threading.Channels;

namespace NATS.Client.Core;

public enum NatsConnectionState
{
    Closed,
    Open,
    Connecting,
    Reconnecting,
    Failed,
}

public delegate ValueTask AsyncEventHandler<in TEventArgs>(object? sender, TEventArgs args);

public interface INatsClient : IAsyncDisposable
{
    INatsConnection Connection { get; }

    ValueTask ConnectAsync();

    ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default);

    ValueTask PublishAsync<T>(string subject, T data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<T>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default);

    ValueTask PublishAsync(string subject, NatsHeaders? headers = default, string? replyTo = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default);

    IAsyncEnumerable<NatsMsg<T>> SubscribeAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, CancellationToken cancellationToken = default);

    ValueTask<NatsMsg<TReply>> RequestAsync<TRequest, TReply>(
        string subject,
        TRequest? data,
        NatsHeaders? headers = default,
        INatsSerialize<TRequest>? requestSerializer = default,
        INatsDeserialize<TReply>? replySerializer = default,
        NatsPubOpts? requestOpts = default,
        NatsSubOpts? replyOpts = default,
        CancellationToken cancellationToken = default);
}

public interface INatsConnection : INatsClient
{
    event AsyncEventHandler<NatsEventArgs>? ConnectionDisconnected;

    event AsyncEventHandler<NatsEventArgs>? ConnectionOpened;

    event AsyncEventHandler<NatsEventArgs>? ReconnectFailed;

    event AsyncEventHandler<NatsMessageDroppedEventArgs>? MessageDropped;

    event AsyncEventHandler<NatsServerErrorEventArgs>? ServerError;

    INatsServerInfo? ServerInfo { get; }

    NatsOpts Opts { get; }

    NatsConnectionState ConnectionState { get; }

    ValueTask<INatsSub<T>> SubscribeCoreAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, CancellationToken cancellationToken = default);

    string NewInbox();
}

public interface INatsSub<T> : IAsyncDisposable
{
    ChannelReader<NatsMsg<T>> Msgs { get; }

    string Subject { get; }

    string? QueueGroup { get; }

    ValueTask UnsubscribeAsync();
}

public interface INatsServerInfo
{
    string Id { get; }

    string Name { get; }

    string Version { get; }

    string Host { get; }

    int Port { get; }

    bool HeadersSupported { get; }

    int MaxPayload { get; }

    ulong ClientId { get; }

    string ClientIp { get; }
}

public class NatsEventArgs(string message) : EventArgs
{
    public string Message { get; } = message;
}

public class NatsServerErrorEventArgs(string error) : NatsEventArgs($"Server error {error}")
{
    public string Error { get; } = error;
}

public class NatsMessageDroppedEventArgs(int pending, string subject)
    : NatsEventArgs($"Dropped message from {subject} with {pending} pending messages")
{
    public int Pending { get; } = pending;

    public string Subject { get; } = subject;
}

public class NatsException : Exception
{
    public NatsException(string message)
        : base(message)
    {
    }

    public NatsException(string message, Exception exception)
        : base(message, exception)
    {
    }
}

public sealed class NatsNoReplyException() : NatsException("No reply received");

public sealed class NatsNoRespondersException() : NatsException("No responders");

public sealed class NatsTimeoutException() : NatsException("Operation timed out");

public sealed class NatsConnectionFailedException(string message) : NatsException(message);

public sealed class NatsPayloadTooLargeException(string error) : NatsException(error);

public class NatsDeserializeException(byte[] rawData, Exception inner) : NatsException("Exception during deserialization", inner)
{
    public byte[] RawData { get; } = rawData;
}

public sealed class NatsServerException(string error) : NatsException($"Server error: {error}")
{
    public string Error { get; } = error.ToLowerInvariant();

    public bool IsAuthError => Error.Contains("authorization violation", StringComparison.Ordinal)
        || Error.Contains("authentication expired", StringComparison.Ordinal)
        || Error.Contains("authentication revoked", StringComparison.Ordinal);
}

using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;

namespace NATS.Client.Core;

/// <summary>What a subscription id of a connection leads to.</summary>
internal abstract class Subscription(string subject, string? queueGroup, int? pending)
{
    public string Subject { get; } = subject;

    public int Sid { get; set; }

    /// <summary>Messages still wanted; null for no limit.</summary>
    protected int? Pending { get; set; } = pending;

    public string Command => $"SUB {Subject} {queueGroup}{(queueGroup is null ? "" : " ")}{Sid}\r\n{(Pending is null ? "" : $"UNSUB {Sid} {Pending}\r\n")}";

    public abstract ValueTask ReceiveAsync(string subject, string? replyTo, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload);

    public abstract ValueTask UnsubscribeAsync();
}

internal sealed class NatsSub<T> : Subscription, IAsyncDisposable
{
    private readonly NatsConnection _connection;
    private readonly INatsDeserialize<T> _serializer;
    private readonly Channel<NatsMsg<T>> _messages;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly Timer? _timeout;
    private int _unsubscribed;

    public NatsSub(NatsConnection connection, string subject, string? queueGroup, INatsDeserialize<T>? serializer, NatsSubOpts? opts, CancellationToken cancellationToken)
        : base(subject, queueGroup, opts?.MaxMsgs)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _connection = connection;
        _serializer = serializer ?? RawSerializer<T>.Default;
        _messages = Channel.CreateBounded<NatsMsg<T>>(
            new BoundedChannelOptions(connection.Opts.SubPendingChannelCapacity) { FullMode = BoundedChannelFullMode.DropNewest },
            dropped => connection.LogDropped(dropped.Subject));
        _cancellation = cancellationToken.UnsafeRegister(End, this);
        _timeout = opts?.Timeout is { } timeout ? new Timer(End, this, timeout, Timeout.InfiniteTimeSpan) : null;
    }

    public ChannelReader<NatsMsg<T>> Messages => _messages.Reader;

    public override async ValueTask ReceiveAsync(string subject, string? replyTo, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload)
    {
        var headers = header.IsEmpty ? null : NatsHeaders.Parse(header.Span);
        if (Telemetry.Source.HasListeners())
        {
            headers ??= new NatsHeaders();
            using var activity = headers.Activity = Telemetry.Start("receive", ActivityKind.Consumer, subject, Telemetry.Extract(headers));
        }

        T? data = default;
        try
        {
            data = _serializer.Deserialize(new ReadOnlySequence<byte>(payload));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            (headers ??= new NatsHeaders()).Error = new NatsException("Exception during deserialization", exception);
        }

        // Fails only when the subscription has ended.
        _messages.Writer.TryWrite(new(subject, replyTo, subject.Length + (replyTo?.Length ?? 0) + header.Length + payload.Length, headers, data, _connection));
        if (--Pending == 0)
            await UnsubscribeAsync().ConfigureAwait(false);
    }

    public override ValueTask UnsubscribeAsync()
    {
        _timeout?.Dispose();
        _messages.Writer.TryComplete();
        return Interlocked.Exchange(ref _unsubscribed, 1) == 1 ? default : _connection.RemoveAsync(this);
    }

    public ValueTask DisposeAsync()
    {
        _cancellation.Unregister();
        return UnsubscribeAsync();
    }

    private static void End(object? subscription) => _ = ((NatsSub<T>)subscription!).UnsubscribeAsync().AsTask();
}

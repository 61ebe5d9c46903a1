using System.Buffers;
using System.Threading.Channels;

namespace NATS.Client.Core;

/// <summary>What a subscription id of this connection leads to.</summary>
internal abstract class Subscription(string subject, string? queueGroup)
{
    public string Subject { get; } = subject;

    public string? QueueGroup { get; } = queueGroup;

    public int Sid { get; set; }

    /// <summary>Messages still wanted; null for no limit.</summary>
    public int? Pending { get; protected set; }

    public abstract ValueTask ReceiveAsync(string subject, string? replyTo, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload);

    public abstract void Complete();
}

/// <summary>Replies to requests: one subscription for all of a connection, told apart by the subject.</summary>
internal sealed class Inbox(string prefix, Func<string, Subscription?> find) : Subscription(prefix + ".*", null)
{
    public override ValueTask ReceiveAsync(string subject, string? replyTo, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload) =>
        find(subject)?.ReceiveAsync(subject, replyTo, header, payload) ?? default;

    public override void Complete()
    {
    }
}

internal sealed class NatsSub<T> : Subscription, INatsSub<T>
{
    private readonly NatsConnection _connection;
    private readonly INatsDeserialize<T> _serializer;
    private readonly bool _throwIfNoResponders;
    private readonly Channel<NatsMsg<T>> _messages;
    private readonly CancellationTokenRegistration _cancellation;
    private readonly Timer? _timeout;
    private Exception? _exception;
    private int _unsubscribed;

    public NatsSub(NatsConnection connection, string subject, string? queueGroup, INatsDeserialize<T>? serializer, NatsSubOpts? opts, CancellationToken cancellationToken)
        : base(subject, queueGroup)
    {
        _connection = connection;
        _serializer = serializer ?? connection.Opts.SerializerRegistry.GetDeserializer<T>();
        _throwIfNoResponders = opts?.ThrowIfNoResponders ?? false;
        Pending = opts?.MaxMsgs;
        var channel = new BoundedChannelOptions(opts?.ChannelOpts?.Capacity ?? connection.Opts.SubPendingChannelCapacity)
        {
            FullMode = opts?.ChannelOpts?.FullMode ?? connection.Opts.SubPendingChannelFullMode,
            SingleWriter = true,
        };
        _messages = Channel.CreateBounded<NatsMsg<T>>(channel, dropped => connection.OnMessageDropped(_messages?.Reader.Count ?? 0, dropped.Subject));
        Msgs = new EndingReader(_messages.Reader);
        cancellationToken.ThrowIfCancellationRequested();
        _cancellation = cancellationToken.UnsafeRegister(static state => _ = ((NatsSub<T>)state!).UnsubscribeAsync().AsTask(), this);
        _timeout = opts?.Timeout is { } timeout ? new Timer(static state => _ = ((NatsSub<T>)state!).UnsubscribeAsync().AsTask(), this, timeout, Timeout.InfiniteTimeSpan) : null;
    }

    public ChannelReader<NatsMsg<T>> Msgs { get; }

    public override async ValueTask ReceiveAsync(string subject, string? replyTo, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload)
    {
        var headers = header.IsEmpty ? null : NatsHeaders.Parse(header.Span);
        var flags = payload.IsEmpty ? NatsMsgFlags.Empty | (headers?.Code == 503 ? NatsMsgFlags.NoResponders : 0) : NatsMsgFlags.None;
        if (_throwIfNoResponders && flags.HasFlag(NatsMsgFlags.NoResponders))
        {
            _exception = new NatsNoRespondersException();
            await UnsubscribeAsync().ConfigureAwait(false);
            return;
        }

        if (Telemetry.Source.HasListeners())
        {
            headers ??= [];
            headers.Activity = Telemetry.StartReceive(subject, replyTo, payload.Length, headers, _connection);
        }

        T? data = default;
        try
        {
            data = _serializer.Deserialize(new ReadOnlySequence<byte>(payload));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            (headers ??= []).Error = new NatsDeserializeException(payload.ToArray(), exception);
        }

        try
        {
            var size = subject.Length + (replyTo?.Length ?? 0) + header.Length + payload.Length;
            await _messages.Writer.WriteAsync(new NatsMsg<T>(subject, replyTo, size, headers, data, _connection, flags)).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // It was on its way when the subscription ended.
            return;
        }

        if (Pending is > 0 && --Pending == 0)
        {
            await UnsubscribeAsync().ConfigureAwait(false);
        }
    }

    public override void Complete() => _messages.Writer.TryComplete();

    public ValueTask UnsubscribeAsync()
    {
        if (Interlocked.Exchange(ref _unsubscribed, 1) == 1)
        {
            return default;
        }

        _timeout?.Dispose();
        Complete();
        return _connection.RemoveAsync(this);
    }

    public async ValueTask DisposeAsync()
    {
        _cancellation.Unregister();
        await UnsubscribeAsync().ConfigureAwait(false);
        if (_exception is not null)
        {
            throw _exception;
        }
    }

    /// <summary>The activity of a message's arrival ends when somebody takes the message.</summary>
    private sealed class EndingReader(ChannelReader<NatsMsg<T>> inner) : ChannelReader<NatsMsg<T>>
    {
        public override bool CanCount => inner.CanCount;

        public override int Count => inner.Count;

        public override Task Completion => inner.Completion;

        public override bool TryRead(out NatsMsg<T> item)
        {
            var read = inner.TryRead(out item);
            item.Headers?.Activity?.Dispose();
            return read;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => inner.WaitToReadAsync(cancellationToken);
    }
}

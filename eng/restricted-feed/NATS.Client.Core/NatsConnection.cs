using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace NATS.Client.Core;

/// <summary>Publish, subscribe and request; how it stays connected is in the other half.</summary>
public sealed partial class NatsConnection : INatsConnection
{
    private readonly ConcurrentDictionary<int, Subscription> _subscriptions = new();
    private readonly ConcurrentDictionary<string, Subscription> _replies = new();
    private readonly SemaphoreSlim _inboxGate = new(1);
    private readonly Channel<Func<ValueTask>> _events = Channel.CreateUnbounded<Func<ValueTask>>(new() { SingleReader = true });
    private readonly ILogger<NatsConnection> _logger;
    private readonly string _inbox;
    private Inbox? _inboxSubscription;
    private int _lastSid;

    public NatsConnection()
        : this(NatsOpts.Default)
    {
    }

    public NatsConnection(NatsOpts opts)
    {
        ArgumentNullException.ThrowIfNull(opts);
        Opts = opts;
        _logger = opts.LoggerFactory.CreateLogger<NatsConnection>();
        _inbox = $"{opts.InboxPrefix}.{NewId()}";
        _outgoing = NewPipe();
        _ = Task.Run(RaiseEventsAsync);
    }

    public event AsyncEventHandler<NatsEventArgs>? ConnectionDisconnected;

    public event AsyncEventHandler<NatsEventArgs>? ConnectionOpened;

    public event AsyncEventHandler<NatsEventArgs>? ReconnectFailed;

    public event AsyncEventHandler<NatsMessageDroppedEventArgs>? MessageDropped;

    public event AsyncEventHandler<NatsServerErrorEventArgs>? ServerError;

    public INatsConnection Connection => this;

    public NatsOpts Opts { get; }

    public string NewInbox() => $"{_inbox}.{NewId()}";

    public ValueTask PublishAsync(string subject, NatsHeaders? headers = default, string? replyTo = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default) =>
        PublishAsync<byte[]>(subject, [], headers, replyTo, opts: opts, cancellationToken: cancellationToken);

    public ValueTask PublishAsync<T>(string subject, T data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<T>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default)
    {
        Validate(subject);
        if (replyTo is not null)
        {
            Validate(replyTo);
        }

        using var activity = Telemetry.StartSend("publish", subject, replyTo, this);
        Telemetry.Inject(activity, ref headers);
        headers?.SetReadOnly();
        return ConnectionState == NatsConnectionState.Open
            ? WritePublishAsync(subject, data, headers, replyTo, serializer, cancellationToken)
            : ConnectAndPublishAsync(subject, data, headers, replyTo, serializer, cancellationToken);
    }

    public IAsyncEnumerable<NatsMsg<T>> SubscribeAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, CancellationToken cancellationToken = default)
    {
        Validate(subject, queueGroup);
        return Enumerate(subject, queueGroup, serializer, opts, cancellationToken);
    }

    public ValueTask<INatsSub<T>> SubscribeCoreAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, CancellationToken cancellationToken = default)
    {
        Validate(subject, queueGroup);
        return Add();

        async ValueTask<INatsSub<T>> Add()
        {
            var subscription = new NatsSub<T>(this, subject, queueGroup, serializer, opts, cancellationToken);
            await AddAsync(subscription, cancellationToken).ConfigureAwait(false);
            return subscription;
        }
    }

    public async ValueTask<NatsMsg<TReply>> RequestAsync<TRequest, TReply>(
        string subject,
        TRequest? data,
        NatsHeaders? headers = default,
        INatsSerialize<TRequest>? requestSerializer = default,
        INatsDeserialize<TReply>? replySerializer = default,
        NatsPubOpts? requestOpts = default,
        NatsSubOpts? replyOpts = default,
        CancellationToken cancellationToken = default)
    {
        Validate(subject);
        using var activity = Telemetry.StartSend("request", subject, null, this);
        var options = (replyOpts ?? new NatsSubOpts { ThrowIfNoResponders = true }) with { MaxMsgs = 1 };
        options = options with { Timeout = options.Timeout ?? Opts.RequestTimeout };
        await EnsureInboxAsync(cancellationToken).ConfigureAwait(false);
        await using var reply = new NatsSub<TReply>(this, NewInbox(), null, replySerializer, options, CancellationToken.None);
        _replies[reply.Subject] = reply;
        await PublishAsync(subject, data!, headers, reply.Subject, requestSerializer, requestOpts, cancellationToken).ConfigureAwait(false);
        await foreach (var message in reply.Msgs.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            return message;
        }

        throw new NatsNoReplyException();
    }

    internal void OnMessageDropped(int pending, string subject) => Raise(MessageDropped, new NatsMessageDroppedEventArgs(pending, subject));

    internal ValueTask RemoveAsync(Subscription subscription)
    {
        _replies.TryRemove(subscription.Subject, out _);
        return _subscriptions.TryRemove(subscription.Sid, out _) && ConnectionState == NatsConnectionState.Open
            ? WriteAsync($"UNSUB {subscription.Sid}\r\n", CancellationToken.None)
            : default;
    }

    private async IAsyncEnumerable<NatsMsg<T>> Enumerate<T>(
        string subject, string? queueGroup, INatsDeserialize<T>? serializer, NatsSubOpts? opts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var subscription = new NatsSub<T>(this, subject, queueGroup, serializer, opts, cancellationToken);
        await AddAsync(subscription, cancellationToken).ConfigureAwait(false);

        // The token ends the subscription; what had arrived by then is still handed out.
        await foreach (var message in subscription.Msgs.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            yield return message;
        }
    }

    private async ValueTask AddAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        if (ConnectionState != NatsConnectionState.Open)
        {
            await ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        subscription.Sid = Interlocked.Increment(ref _lastSid);
        _subscriptions[subscription.Sid] = subscription;
        await WriteAsync(SubscribeCommand(subscription), cancellationToken).ConfigureAwait(false);
    }

    private static string SubscribeCommand(Subscription subscription)
    {
        var command = $"SUB {subscription.Subject} {subscription.QueueGroup}{(subscription.QueueGroup is null ? "" : " ")}{subscription.Sid}\r\n";
        return subscription.Pending is { } pending ? $"{command}UNSUB {subscription.Sid} {pending}\r\n" : command;
    }

    private async ValueTask EnsureInboxAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _inboxSubscription) is not null)
        {
            return;
        }

        await _inboxGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_inboxSubscription is null)
            {
                var inbox = new Inbox(_inbox, _replies.GetValueOrDefault);
                await AddAsync(inbox, cancellationToken).ConfigureAwait(false);
                _inboxSubscription = inbox;
            }
        }
        finally
        {
            _inboxGate.Release();
        }
    }

    private void Raise<TArgs>(AsyncEventHandler<TArgs>? handlers, TArgs args)
        where TArgs : EventArgs
    {
        if (handlers is not null)
        {
            // One after the other, and not on the thread that reads the socket.
            _events.Writer.TryWrite(async () =>
            {
                foreach (var handler in handlers.GetInvocationList().Cast<AsyncEventHandler<TArgs>>())
                {
                    await handler(this, args).ConfigureAwait(false);
                }
            });
        }
    }

    private async Task RaiseEventsAsync()
    {
        await foreach (var raise in _events.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await raise().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogHandlerFailed(_logger, exception);
            }
        }
    }

    private static string NewId() => RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 22);

    private static void Validate(string subject, string? queueGroup = null)
    {
        if (string.IsNullOrEmpty(subject) || subject.AsSpan().IndexOfAny(" \r\n\t") >= 0)
        {
            throw new NatsException("Subject is invalid.");
        }

        if (queueGroup is not null && (queueGroup.Length == 0 || queueGroup.AsSpan().IndexOfAny(" \r\n\t") >= 0))
        {
            throw new NatsException("Queue group is invalid.");
        }
    }
}

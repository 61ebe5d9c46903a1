namespace NATS.Client.Core;

/// <summary>Publish, subscribe and request; how it stays connected is in the other half.</summary>
public sealed partial class NatsConnection : INatsConnection
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<int, Subscription> _subscriptions = new();
    private readonly NatsOpts _opts;
    private readonly ILogger<NatsConnection> _logger;
    private int _lastSid;

    public NatsConnection(NatsOpts opts)
    {
        _opts = opts;
        _logger = opts.LoggerFactory.CreateLogger<NatsConnection>();
        _uri = new Uri(opts.Url.Contains("://", StringComparison.Ordinal) ? opts.Url : $"nats://{opts.Url}");
        if (_uri.Scheme != "nats" || opts.Url.Contains(','))
            throw new NotSupportedException("Anything but one nats:// address needs the real package NATS.Net.");
    }

    public event AsyncEventHandler<NatsEventArgs>? ConnectionDisconnected;

    public async ValueTask PublishAsync<T>(string subject, T data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<T>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default)
    {
        Validate(serializer, subject, replyTo);
        using var activity = Telemetry.Start("publish", ActivityKind.Producer, subject);
        Telemetry.Inject(activity, ref headers);
        headers?.IsReadOnly = true;
        var payload = Payload.Write(data);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_opts.PublishTimeoutOnDisconnected ? _opts.CommandTimeout : Timeout.InfiniteTimeSpan);
        await ConnectAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        var header = headers?.Write() ?? [];
        var size = header.Length + payload.Length;
        if (size > _maxPayload)
            throw new NatsPayloadTooLargeException($"Payload size {size} exceeds server's maximum payload size {_maxPayload}");

        var route = replyTo is null ? subject : $"{subject} {replyTo}";
        var command = Encoding.UTF8.GetBytes(header.Length == 0 ? $"PUB {route} {size}\r\n" : $"HPUB {route} {header.Length} {size}\r\n");
        await WriteAsync([.. command, .. header, .. payload.Span, .. "\r\n"u8], null, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<NatsMsg<T>> SubscribeAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Validate(serializer ?? (object?)opts, subject, queueGroup);
        await using var subscription = new Subscription(this, Interlocked.Increment(ref _lastSid), queueGroup is null ? subject : $"{subject} {queueGroup}", cancellationToken);
        await AddAsync(subscription, cancellationToken).ConfigureAwait(false);

        // The token ends the subscription; what had arrived by then is still handed out.
        await foreach (var message in subscription.Messages.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            yield return Payload.Read<T>(message);
        }
    }

    /// <summary>The real client shares one subscription among all requests; each has its own here.</summary>
    public async ValueTask<NatsMsg<TReply>> RequestAsync<TRequest, TReply>(string subject, TRequest? data, NatsHeaders? headers = default, INatsSerialize<TRequest>? requestSerializer = default, INatsDeserialize<TReply>? replySerializer = default, NatsPubOpts? requestOpts = default, NatsSubOpts? replyOpts = default, CancellationToken cancellationToken = default)
    {
        Validate(replySerializer, subject);
        using var activity = Telemetry.Start("request", ActivityKind.Producer, subject);
        using var limit = new CancellationTokenSource(replyOpts?.Timeout ?? RequestTimeout);
        var inbox = $"_INBOX.{Guid.NewGuid():N}";
        await using var reply = new Subscription(this, Interlocked.Increment(ref _lastSid), inbox, limit.Token);
        await AddAsync(reply, cancellationToken).ConfigureAwait(false);
        await PublishAsync(subject, data!, headers, inbox, requestSerializer, requestOpts, cancellationToken).ConfigureAwait(false);
        await foreach (var message in reply.Messages.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            return message is { Headers.Code: 503, Data.IsEmpty: true } ? throw new NatsNoRespondersException() : Payload.Read<TReply>(message);
        }

        throw new NatsNoReplyException();
    }

    internal ValueTask RemoveAsync(Subscription subscription) =>
        _subscriptions.TryRemove(subscription.Sid, out _) && ConnectionState == NatsConnectionState.Open
            ? WriteAsync(Encoding.UTF8.GetBytes($"UNSUB {subscription.Sid}\r\n"), null, CancellationToken.None)
            : default;

    private async ValueTask AddAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        await ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        _subscriptions[subscription.Sid] = subscription;
        await WriteAsync(Encoding.UTF8.GetBytes(subscription.Command), null, cancellationToken).ConfigureAwait(false);
    }

    private static void Validate(object? notOffered, params string?[] names)
    {
        if (notOffered is not null)
            throw Payload.Unsupported(notOffered);

        if (names.Any(name => name is not null && (name.Length == 0 || name.AsSpan().IndexOfAny(" \r\n\t") >= 0)))
            throw new NatsException("Subject is invalid.");
    }
}

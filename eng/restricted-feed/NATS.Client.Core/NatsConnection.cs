using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace NATS.Client.Core;

/// <summary>Publish, subscribe and request; how it stays connected is in the other half.</summary>
public sealed partial class NatsConnection : INatsConnection
{
    private readonly ConcurrentDictionary<int, Subscription> _subscriptions = new();
    private readonly ILogger<NatsConnection> _logger;
    private int _lastSid;

    public NatsConnection(NatsOpts opts)
    {
        Opts = opts;
        _logger = opts.LoggerFactory.CreateLogger<NatsConnection>();
        _uri = new Uri(opts.Url.Contains("://", StringComparison.Ordinal) ? opts.Url : $"nats://{opts.Url}");
        if (_uri.Scheme != "nats" || opts.Url.Contains(','))
        {
            throw new NotSupportedException("Anything but one nats:// address needs the real package NATS.Net.");
        }
    }

    public event AsyncEventHandler<NatsEventArgs>? ConnectionDisconnected;

    public event AsyncEventHandler<NatsEventArgs>? ConnectionOpened;

    public NatsOpts Opts { get; }

    public async ValueTask PublishAsync<T>(string subject, T data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<T>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default)
    {
        Validate(subject, replyTo);
        using var activity = Telemetry.Start("publish", ActivityKind.Producer, subject);
        Telemetry.Inject(activity, ref headers);
        headers?.IsReadOnly = true;
        var payload = new ArrayBufferWriter<byte>(256);
        if (data is not null)
            (serializer ?? RawSerializer<T>.Default).Serialize(payload, data);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Opts.PublishTimeoutOnDisconnected ? Opts.CommandTimeout : Timeout.InfiniteTimeSpan);
        await ConnectAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        var header = headers?.Write() ?? [];
        var size = header.Length + payload.WrittenCount;
        if (size > _maxPayload)
            throw new NatsPayloadTooLargeException($"Payload size {size} exceeds server's maximum payload size {_maxPayload}");

        var route = replyTo is null ? subject : $"{subject} {replyTo}";
        var command = Encoding.UTF8.GetBytes(header.Length == 0 ? $"PUB {route} {size}\r\n" : $"HPUB {route} {header.Length} {size}\r\n");
        await WriteAsync([.. command, .. header, .. payload.WrittenSpan, .. "\r\n"u8], null, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<NatsMsg<T>> SubscribeAsync<T>(string subject, string? queueGroup = default, INatsDeserialize<T>? serializer = default, NatsSubOpts? opts = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Validate(subject, queueGroup);
        await using var subscription = new NatsSub<T>(this, subject, queueGroup, serializer, opts, cancellationToken);
        await AddAsync(subscription, cancellationToken).ConfigureAwait(false);

        // The token ends the subscription; what had arrived by then is still handed out.
        await foreach (var message in subscription.Messages.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            yield return message;
        }
    }

    /// <summary>The real client shares one subscription among all requests; each has its own here.</summary>
    public async ValueTask<NatsMsg<TReply>> RequestAsync<TRequest, TReply>(string subject, TRequest? data, NatsHeaders? headers = default, INatsSerialize<TRequest>? requestSerializer = default, INatsDeserialize<TReply>? replySerializer = default, NatsPubOpts? requestOpts = default, NatsSubOpts? replyOpts = default, CancellationToken cancellationToken = default)
    {
        Validate(subject);
        using var activity = Telemetry.Start("request", ActivityKind.Producer, subject);
        var inbox = $"_INBOX.{RandomNumberGenerator.GetHexString(22)}.{RandomNumberGenerator.GetHexString(22)}";
        var options = new NatsSubOpts { MaxMsgs = 1, Timeout = replyOpts?.Timeout ?? Opts.RequestTimeout };
        await using var reply = new NatsSub<TReply>(this, inbox, null, replySerializer, options, CancellationToken.None);
        await AddAsync(reply, cancellationToken).ConfigureAwait(false);
        await PublishAsync(subject, data!, headers, inbox, requestSerializer, requestOpts, cancellationToken).ConfigureAwait(false);
        await foreach (var message in reply.Messages.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            return message is { Headers.Code: 503, Data: null } ? throw new NatsNoRespondersException() : message;
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
        subscription.Sid = Interlocked.Increment(ref _lastSid);
        _subscriptions[subscription.Sid] = subscription;
        await WriteAsync(Encoding.UTF8.GetBytes(subscription.Command), null, cancellationToken).ConfigureAwait(false);
    }

    private static void Validate(params string?[] names)
    {
        if (names.Any(name => name is not null && (name.Length == 0 || name.AsSpan().IndexOfAny(" \r\n\t") >= 0)))
            throw new NatsException("Subject is invalid.");
    }
}

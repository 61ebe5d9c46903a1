using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace NATS.Client.Core;

[Flags]
public enum NatsMsgFlags : byte
{
    None = 0,
    Empty = 1,
    NoResponders = 2,
}

public readonly record struct NatsMsg<T>
{
    public NatsMsg(string subject, string? replyTo, int size, NatsHeaders? headers, T? data, INatsConnection? connection, NatsMsgFlags flags = default)
    {
        Subject = subject;
        ReplyTo = replyTo;
        Size = size;
        Headers = headers;
        Data = data;
        Connection = connection;
        Flags = flags;
    }

    public string Subject { get; init; }

    public string? ReplyTo { get; init; }

    public int Size { get; init; }

    public NatsHeaders? Headers { get; init; }

    public T? Data { get; init; }

    public INatsConnection? Connection { get; init; }

    public NatsMsgFlags Flags { get; init; }

    public NatsException? Error => Headers?.Error;

    public bool IsEmpty => Flags.HasFlag(NatsMsgFlags.Empty);

    public bool HasNoResponders => Flags.HasFlag(NatsMsgFlags.NoResponders);

    public void EnsureSuccess()
    {
        if (HasNoResponders)
        {
            throw new NatsNoRespondersException();
        }

        if (Error is { } error)
        {
            throw error;
        }
    }

    public ValueTask ReplyAsync(NatsHeaders? headers = default, string? replyTo = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default) =>
        Replier().PublishAsync(ReplyTo!, headers, replyTo, opts, cancellationToken);

    public ValueTask ReplyAsync<TReply>(TReply data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<TReply>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default) =>
        Replier().PublishAsync(ReplyTo!, data, headers, replyTo, serializer, opts, cancellationToken);

    private INatsConnection Replier() =>
        Connection is null ? throw new NatsException("unable to send reply; message did not originate from a subscription")
        : string.IsNullOrWhiteSpace(ReplyTo) ? throw new NatsException("unable to send reply; ReplyTo is empty")
        : Connection;
}

public static class NatsMsgTelemetryExtensions
{
    /// <summary>Starts an activity under the one of the message's arrival, and so under its sender's.</summary>
    public static Activity? StartActivity<T>(this in NatsMsg<T> msg, [CallerMemberName] string name = "", IEnumerable<KeyValuePair<string, object?>>? tags = null) =>
        Telemetry.Source.StartActivity(name, ActivityKind.Internal, msg.Headers.GetActivityContext(), tags);

    public static ActivityContext GetActivityContext(this NatsHeaders? headers) => headers?.Activity?.Context ?? default;
}

internal static class Telemetry
{
    public static readonly ActivitySource Source = new("NATS.Net");

    public static Activity? StartSend(string operation, string subject, string? replyTo, NatsConnection connection) => !Source.HasListeners() ? null : Source.StartActivity(
        Name(operation, subject, connection), ActivityKind.Producer, default(ActivityContext), Tags("publish", subject, replyTo, connection));

    public static Activity? StartReceive(string subject, string? replyTo, int bodySize, NatsHeaders headers, NatsConnection connection)
    {
        DistributedContextPropagator.Current.ExtractTraceIdAndState(headers, Read, out var traceParent, out var traceState);
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var parent);
        return Source.StartActivity(
            Name("receive", subject, connection), ActivityKind.Consumer, parent, [.. Tags("receive", subject, replyTo, connection), new("messaging.message.body.size", $"{bodySize}")]);
    }

    public static void Inject(Activity? activity, ref NatsHeaders? headers)
    {
        if (activity is not null)
        {
            headers ??= [];
            DistributedContextPropagator.Current.Inject(activity, headers, static (carrier, name, value) => ((NatsHeaders)carrier!).SetAlways(name, value));
        }
    }

    private static void Read(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        value = ((NatsHeaders)carrier!).TryGetLastValue(name, out var last) ? last : null;
        values = null;
    }

    // At most two tokens, so that ids in subjects do not become span names.
    private static string Name(string operation, string subject, NatsConnection connection) =>
        $"{(subject.StartsWith(connection.Opts.InboxPrefix, StringComparison.Ordinal) ? "inbox" : string.Join('.', subject.Split('.').Take(2)))} {operation}";

    private static List<KeyValuePair<string, object?>> Tags(string operation, string subject, string? replyTo, NatsConnection connection)
    {
        List<KeyValuePair<string, object?>> tags =
        [
            new("messaging.system", "nats"), new("messaging.operation", operation), new("messaging.destination.name", subject),
            new("server.address", connection.ServerInfo?.Host), new("server.port", connection.ServerInfo is { } info ? $"{info.Port}" : null),
        ];
        if (replyTo is not null)
        {
            tags.Add(new("messaging.nats.message.reply_to", replyTo));
        }

        return tags;
    }
}

namespace NATS.Client.Core;

public readonly record struct NatsMsg<T>(string Subject, string? ReplyTo, NatsHeaders? Headers, T? Data, INatsConnection? Connection)
{
    public ValueTask ReplyAsync<TReply>(TReply data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<TReply>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default) =>
        Connection is null || string.IsNullOrWhiteSpace(ReplyTo)
            ? throw new NatsException("unable to send reply; ReplyTo is empty")
            : Connection.PublishAsync(ReplyTo, data, headers, replyTo, serializer, opts, cancellationToken);
}

/// <summary>Bytes and text; the real default also knows numbers, dates and Guids, and behind the Aspire package JSON.</summary>
internal static class Payload
{
    public static ReadOnlyMemory<byte> Write<T>(T data) => data switch
    {
        null => default,
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> memory => memory,
        string text => Encoding.UTF8.GetBytes(text),
        _ => throw Unsupported(typeof(T)),
    };

    public static NatsMsg<T> Read<T>(NatsMsg<ReadOnlyMemory<byte>> message)
    {
        object? data = message.Data.IsEmpty ? default(T)
            : typeof(T) == typeof(byte[]) ? message.Data.ToArray()
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? message.Data
            : typeof(T) == typeof(string) ? Encoding.UTF8.GetString(message.Data.Span)
            : throw Unsupported(typeof(T));
        return new(message.Subject, message.ReplyTo, message.Headers, (T?)data, message.Connection);
    }

    public static NotSupportedException Unsupported(object what) => new($"A message of {what} needs the real package NATS.Net.");
}

public static class NatsMsgTelemetryExtensions
{
    /// <summary>Starts an activity under the one of the message's arrival, and so under its sender's.</summary>
    public static Activity? StartActivity<T>(this in NatsMsg<T> msg, [CallerMemberName] string name = "", IEnumerable<KeyValuePair<string, object?>>? tags = null) =>
        Telemetry.Source.StartActivity(name, ActivityKind.Internal, msg.Headers?.Activity?.Context ?? default, tags);
}

internal static class Telemetry
{
    public static readonly ActivitySource Source = new("NATS.Net");

    public static Activity? Start(string operation, ActivityKind kind, string subject, ActivityContext parent = default)
    {
        // At most two tokens, so that ids in subjects do not become span names.
        var name = subject.StartsWith("_INBOX.", StringComparison.Ordinal) ? "inbox" : string.Join('.', subject.Split('.').Take(2));
        return Source.StartActivity($"{name} {operation}", kind, parent, Source.HasListeners()
            ? [new("messaging.system", "nats"), new("messaging.operation", kind == ActivityKind.Consumer ? "receive" : "publish"), new("messaging.destination.name", subject)]
            : null);
    }

    /// <summary>Into headers that were published before, too.</summary>
    public static void Inject(Activity? activity, ref NatsHeaders? headers)
    {
        if (activity is not null)
        {
            headers ??= new NatsHeaders();
            DistributedContextPropagator.Current.Inject(activity, headers, static (carrier, name, value) => ((NatsHeaders)carrier!).Values[name] = value);
        }
    }
}

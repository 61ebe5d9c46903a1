using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace NATS.Client.Core;

public readonly record struct NatsMsg<T>(string Subject, string? ReplyTo, int Size, NatsHeaders? Headers, T? Data, INatsConnection? Connection)
{
    /// <summary>Set when the data could not be read.</summary>
    public NatsException? Error => Headers?.Error;

    public ValueTask ReplyAsync<TReply>(TReply data, NatsHeaders? headers = default, string? replyTo = default, INatsSerialize<TReply>? serializer = default, NatsPubOpts? opts = default, CancellationToken cancellationToken = default) =>
        Connection is null || string.IsNullOrWhiteSpace(ReplyTo)
            ? throw new NatsException("unable to send reply; ReplyTo is empty")
            : Connection.PublishAsync(ReplyTo, data, headers, replyTo, serializer, opts, cancellationToken);
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

    public static Activity? Start(string operation, ActivityKind kind, string subject, ActivityContext parent = default)
    {
        // At most two tokens, so that ids in subjects do not become span names.
        var name = subject.StartsWith("_INBOX.", StringComparison.Ordinal) ? "inbox" : string.Join('.', subject.Split('.').Take(2));
        return Source.StartActivity($"{name} {operation}", kind, parent, Source.HasListeners()
            ? [new("messaging.system", "nats"), new("messaging.operation", kind == ActivityKind.Consumer ? "receive" : "publish"), new("messaging.destination.name", subject)]
            : null);
    }

    public static void Inject(Activity? activity, ref NatsHeaders? headers)
    {
        if (activity is not null)
        {
            headers ??= new NatsHeaders();
            DistributedContextPropagator.Current.Inject(activity, headers, static (carrier, name, value) => ((NatsHeaders)carrier!).SetAlways(name, value));
        }
    }

    public static ActivityContext Extract(NatsHeaders headers) =>
        ActivityContext.TryParse(headers["traceparent"], headers["tracestate"], isRemote: true, out var parent) ? parent : default;
}

namespace NATS.Client.Core;

/// <summary>What a subscription id of a connection leads to.</summary>
internal sealed class Subscription : IAsyncDisposable
{
    private readonly NatsConnection _connection;
    private readonly Channel<NatsMsg<ReadOnlyMemory<byte>>> _messages;
    private readonly CancellationTokenRegistration _cancellation;

    /// <param name="source">Subject, and after a space the queue group if any.</param>
    public Subscription(NatsConnection connection, int sid, string source, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        (_connection, Sid, Command) = (connection, sid, $"SUB {source} {sid}\r\n");
        _messages = Channel.CreateBounded<NatsMsg<ReadOnlyMemory<byte>>>(
            new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropNewest },
            dropped => connection.LogDropped(dropped.Subject));
        _cancellation = cancellationToken.UnsafeRegister(static subscription => _ = ((Subscription)subscription!).DisposeAsync().AsTask(), this);
    }

    public int Sid { get; }

    public string Command { get; }

    public ChannelReader<NatsMsg<ReadOnlyMemory<byte>>> Messages => _messages.Reader;

    public void Receive(string subject, string? replyTo, ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload)
    {
        var headers = header.IsEmpty ? null : NatsHeaders.Parse(header.Span);
        if (Telemetry.Source.HasListeners())
        {
            headers ??= new NatsHeaders();
            ActivityContext.TryParse(headers["traceparent"], headers["tracestate"], isRemote: true, out var parent);
            using var activity = headers.Activity = Telemetry.Start("receive", ActivityKind.Consumer, subject, parent);
        }

        // Fails only when the subscription has ended.
        _messages.Writer.TryWrite(new(subject, replyTo, headers, payload, _connection));
    }

    public ValueTask DisposeAsync()
    {
        _cancellation.Unregister();
        _messages.Writer.TryComplete();
        return _connection.RemoveAsync(this);
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using Gaia.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Gaia.ServiceDefaults.Events;

/// <summary>
/// Publishes from a queue, so that no request ever waits for NATS. What cannot be sent within two seconds is dropped and
/// counted: events are hints.
/// </summary>
internal sealed partial class NatsEventBus : BackgroundService, IEventBus
{
    private const int QueueLength = 1024;
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(2);

    /// <summary>After some were sent: what comes meanwhile goes out together, in one packet.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly Channel<Outgoing> _queue;
    private readonly IServiceProvider _services;
    private readonly ILogger<NatsEventBus> _logger;
    private readonly Counter<long> _published = GaiaTelemetry.Meter.CreateCounter<long>("gaia.events.published", "{event}", "Events sent to NATS.");
    private readonly Counter<long> _dropped = GaiaTelemetry.Meter.CreateCounter<long>("gaia.events.dropped", "{event}", "Events given up because NATS was away or the queue full.");
    private bool _away;

    public NatsEventBus(IServiceProvider services, ILogger<NatsEventBus> logger)
    {
        _services = services;
        _logger = logger;
        _queue = Channel.CreateBounded<Outgoing>(
            new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            dropped =>
            {
                dropped.Flushed?.TrySetResult();
                _dropped.Add(1);
            });
    }

    public void Publish<TEvent>(TEvent value) where TEvent : IEvent<TEvent> =>
        _queue.Writer.TryWrite(new Outgoing(value.Subject, JsonSerializer.SerializeToUtf8Bytes(value, TEvent.Json), Activity.Current?.Context ?? default, null));

    public async Task FlushAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_queue.Writer.TryWrite(new Outgoing("", [], default, flushed)))
            await Task.WhenAny(flushed.Task, Task.Delay(limit, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Until the host has stopped: the last events are those that say so.
        var connection = _services.GetRequiredService<INatsConnection>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            await SendAllAsync(connection, stoppingToken);
            await Task.Delay(Pause, stoppingToken);
        }
    }

    /// <summary>All that wait, or until one could not be sent in time.</summary>
    private async Task SendAllAsync(INatsConnection connection, CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        while (!limit.IsCancellationRequested && _queue.Reader.TryRead(out var outgoing))
        {
            limit.CancelAfter(SendLimit);
            if (outgoing.Flushed is { } flushed)
                flushed.TrySetResult();
            else
                await SendAsync(connection, outgoing, limit.Token, stoppingToken);
        }
    }

    private async Task SendAsync(INatsConnection connection, Outgoing outgoing, CancellationToken limit, CancellationToken stoppingToken)
    {
        using var activity = outgoing.Parent != default
            ? GaiaTelemetry.Source.StartActivity($"publish {outgoing.Subject}", ActivityKind.Producer, outgoing.Parent)
            : null;
        var headers = new NatsHeaders();
        if (activity?.Id is { } traceParent)
            headers["traceparent"] = traceParent;
        else if (outgoing.Parent != default)
            headers["traceparent"] = $"00-{outgoing.Parent.TraceId}-{outgoing.Parent.SpanId}-{(int)outgoing.Parent.TraceFlags:x2}";

        try
        {
            await connection.PublishAsync(outgoing.Subject, outgoing.Body, headers, cancellationToken: limit).AsTask().WaitAsync(limit);
            _published.Add(1);
            _away = false;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            _dropped.Add(1);
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            if (!_away)
                LogAway(exception.Message);
            _away = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "NATS does not answer; events are dropped until it does: {Reason}")]
    private partial void LogAway(string reason);

    private readonly record struct Outgoing(string Subject, byte[] Body, ActivityContext Parent, TaskCompletionSource? Flushed);
}

using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Gaia.ServiceDefaults.Telemetry;
using NATS.Client.Core;

namespace Gaia.Chat.Streaming;

/// <summary>
/// Brings the events on <c>world.updates.user.{id}</c> to this process's open streams of that user. There is one subscription per
/// user with open streams, which stays a little longer than the last of them. Without NATS there are no events, and nothing waits.
/// </summary>
public sealed partial class WorldUpdates(IServiceProvider services, TimeProvider time, ILogger<WorldUpdates> logger) : IAsyncDisposable
{
    /// <summary>Events that wait for one stream; then the oldest are dropped.</summary>
    internal const int QueueLength = 256;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly Counter<long> _relayed = GaiaTelemetry.Meter.CreateCounter<long>("gaia.chat.world_updates", "{event}", "World updates handed to a stream.");
    private readonly Counter<long> _dropped = GaiaTelemetry.Meter.CreateCounter<long>("gaia.chat.world_updates.dropped", "{event}", "World updates that were no JSON object, too large, or too many for a stream.");
    private readonly Dictionary<Guid, Feed> _feeds = [];
    private readonly Lock _gate = new();
    private bool _isClosed;

    /// <summary>The user's events from now on, until the subscription is disposed.</summary>
    public WorldSubscription Open(Guid userId)
    {
        var queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(
            new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => _dropped.Add(1));
        Feed? begun = null;
        lock (_gate)
        {
            if (_isClosed)
                return new WorldSubscription(queue.Reader, static () => { });
            if (!_feeds.TryGetValue(userId, out var feed))
                _feeds[userId] = feed = begun = new Feed(userId);
            feed.Queues = [.. feed.Queues, queue.Writer];
            feed.Version++;
        }

        // Its first steps are taken here: the subscription is on its way before the client hears anything.
        if (begun is not null)
        {
            // It outlives this request, and is no part of its trace.
            using (ExecutionContext.SuppressFlow())
                begun.Running = RunAsync(begun);
        }

        return new WorldSubscription(queue.Reader, () => Close(userId, queue.Writer));
    }

    public async ValueTask DisposeAsync()
    {
        List<Feed> feeds;
        lock (_gate)
        {
            _isClosed = true;
            feeds = [.. _feeds.Values];
            _feeds.Clear();
        }

        foreach (var feed in feeds)
            await feed.Ended.CancelAsync();
        await Task.WhenAll(feeds.Select(feed => feed.Running));
    }

    private void Close(Guid userId, ChannelWriter<ReadOnlyMemory<byte>> queue)
    {
        queue.TryComplete();
        lock (_gate)
        {
            if (!_feeds.TryGetValue(userId, out var feed))
                return;
            feed.Queues = [.. feed.Queues.Where(other => other != queue)];
            if (feed.Queues.Length == 0)
                _ = EndLaterAsync(feed, ++feed.Version);
        }
    }

    /// <summary>A client that asks again and again has one subscription all the while.</summary>
    private async Task EndLaterAsync(Feed feed, long version)
    {
        await Task.Delay(Linger, time, feed.Ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            if (feed.Version != version || !_feeds.Remove(feed.UserId))
                return;
        }

        await feed.Ended.CancelAsync();
    }

    private async Task RunAsync(Feed feed)
    {
        var stopping = feed.Ended.Token;
        var subject = $"world.updates.user.{feed.UserId}";
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in services.GetRequiredService<INatsConnection>().SubscribeAsync<byte[]>(subject, cancellationToken: stopping))
                    Relay(feed, message.Data);
            }
            catch (Exception exception)
            {
                if (stopping.IsCancellationRequested)
                    return;
                LogRetrying(exception.Message);
            }

            await Task.Delay(RetryDelay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Relay(Feed feed, byte[]? data)
    {
        var queues = feed.Queues;
        if (queues.Length == 0)
            return;
        if (WorldUpdate.Read(data) is not { } update)
        {
            _dropped.Add(1);
            return;
        }

        foreach (var queue in queues)
        {
            if (queue.TryWrite(update))
                _relayed.Add(1);
        }
    }

    [LoggerMessage(LogLevel.Debug, "A subscription to world updates ended and is renewed: {Reason}")]
    private partial void LogRetrying(string reason);

    private sealed class Feed(Guid userId)
    {
        public Guid UserId => userId;

        public CancellationTokenSource Ended { get; } = new();

        public Task Running { get; set; } = Task.CompletedTask;

        /// <summary>Replaced under the gate, read without.</summary>
        public volatile ChannelWriter<ReadOnlyMemory<byte>>[] Queues = [];

        /// <summary>Grows with every opening and last closing.</summary>
        public long Version { get; set; }
    }
}

/// <summary>One stream's part in its user's events.</summary>
public sealed class WorldSubscription(ChannelReader<ReadOnlyMemory<byte>> updates, Action close) : IDisposable
{
    /// <summary>Each a JSON object on one line, in the order in which they came.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Updates => updates;

    public void Dispose() => close();
}

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>What each resource wrote to its console, with the time it was written in front of each line.</summary>
public class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => Log(resource.Name).GetAllAsync();
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => Log(resource.Name).WatchAsync();
    internal ResourceLog Log(string resourceName) => _logs.GetOrAdd(resourceName, _ => new());

    internal sealed class ResourceLog
    {
        private const int MaxLines = 10_000;
        private readonly Broadcast<IReadOnlyList<LogLine>> _added = new();
        private readonly Queue<IReadOnlyList<LogLine>> _lines = new();
        private int _count;
        public void Add(string text, bool isError)
        {
            lock (_added.Lock)
            {
                IReadOnlyList<LogLine> line = [new LogLine(++_count, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffffffZ} {text}", isError)];
                _lines.Enqueue(line);
                if (_lines.Count > MaxLines) _lines.Dequeue();
                _added.Send(line);
            }
        }
        public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync() => _added.WatchAsync(_lines);
        public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync()
        {
            lock (_added.Lock) return _lines.ToArray().ToAsyncEnumerable();
        }
    }
}

/// <summary>Gives each watcher what is known already and then all that comes.</summary>
internal sealed class Broadcast<T>
{
    private readonly HashSet<Channel<T>> _watchers = [];
    /// <summary>Held while something is sent and while what is known already changes.</summary>
    public Lock Lock { get; } = new();
    public void Send(T item)
    {
        foreach (var watcher in _watchers) watcher.Writer.TryWrite(item);
    }
    public async IAsyncEnumerable<T> WatchAsync(IEnumerable<T> known, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<T>();
        lock (Lock)
        {
            foreach (var item in known) channel.Writer.TryWrite(item);
            _watchers.Add(channel);
        }
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return item;
        }
        finally
        {
            lock (Lock) _watchers.Remove(channel);
        }
    }
}

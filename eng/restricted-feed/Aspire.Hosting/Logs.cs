using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>What each resource wrote to its console, with the time it was written in front of each line.</summary>
public class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);

    public ILogger GetLogger(IResource resource) => Log(resource.Name);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => Log(resource.Name).Lines(follow: false);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => Log(resource.Name).Lines(follow: true);

    internal ResourceLog Log(string resourceName) => _logs.GetOrAdd(resourceName, _ => new());

    internal sealed class ResourceLog : ILogger
    {
        private const int MaxLines = 10_000;
        private readonly Lock _lock = new();
        private readonly Queue<LogLine> _lines = new();
        private readonly HashSet<Channel<LogLine>> _watchers = [];
        private int _count;

        public void Add(string text, bool isError)
        {
            lock (_lock)
            {
                var line = new LogLine(++_count, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffffffZ} {text}", isError);
                _lines.Enqueue(line);
                if (_lines.Count > MaxLines) _lines.Dequeue();
                foreach (var watcher in _watchers) watcher.Writer.TryWrite(line);
            }
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> Lines(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var channel = Channel.CreateUnbounded<LogLine>();
            LogLine[] known;
            lock (_lock)
            {
                known = [.. _lines];
                if (follow) _watchers.Add(channel);
            }

            try
            {
                if (known.Length > 0) yield return known;
                if (!follow) yield break;
                await foreach (var line in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return [line];
            }
            finally
            {
                lock (_lock) _watchers.Remove(channel);
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Add(formatter(state, exception) + (exception is null ? "" : $"{Environment.NewLine}{exception}"), logLevel >= LogLevel.Error);
    }
}

internal sealed class ResourceLogForwarder(
    DistributedApplicationModel model, ResourceLoggerService loggers, ILoggerFactory factory, IHostEnvironment environment) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
        => Task.WhenAll(model.Resources.Select(resource => ForwardAsync(resource, stoppingToken)));

    private async Task ForwardAsync(IResource resource, CancellationToken cancellationToken)
    {
        var logger = factory.CreateLogger($"{environment.ApplicationName}.Resources.{resource.Name}");
        await foreach (var lines in loggers.WatchAsync(resource).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var line in lines)
                logger.Log(line.IsErrorMessage ? LogLevel.Error : LogLevel.Information, "{LineNumber}: {LineContent}", line.LineNumber, line.Content);
        }
    }
}

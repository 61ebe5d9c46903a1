using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gaia.Tests.Infrastructure;

/// <summary>Keeps everything that is logged: messages with their values, exceptions and scopes.</summary>
internal sealed class LogSink : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogSink sink, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Write(state);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            sink._lines.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            if (state is not null)
                Write(state);
        }

        private void Write(object state)
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
                sink._lines.Enqueue($"{category}: {string.Join(", ", values.Select(value => $"{value.Key}={value.Value}"))}");
            else
                sink._lines.Enqueue($"{category}: {state}");
        }
    }
}

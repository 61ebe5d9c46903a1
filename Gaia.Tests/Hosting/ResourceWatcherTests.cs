using Gaia.AppHost;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Hosting;

public sealed class ResourceWatcherTests : IDisposable
{
    private readonly LogSink _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task It_has_read_the_model_before_the_start_may_change_it()
    {
        var began = false;
        using var watcher = new Watcher(_log, async stoppingToken =>
        {
            began = true;
            await Task.Delay(Timeout.Infinite, stoppingToken);
        });

        var starting = watcher.StartingAsync(CancellationToken.None);

        Assert.True(began);
        await starting;
        await watcher.StoppingAsync(CancellationToken.None);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task One_that_fails_says_so()
    {
        using var watcher = new Watcher(_log, _ => throw new InvalidOperationException("The model changed."));

        await watcher.StartingAsync(CancellationToken.None);
        await watcher.StoppingAsync(CancellationToken.None);

        Assert.Contains(_log.Lines, line => line.Contains("watched no longer") && line.Contains("The model changed."));
    }

    private sealed class Watcher(LogSink log, Func<CancellationToken, Task> watch) : ResourceWatcher(log.CreateLogger(nameof(Watcher)))
    {
        protected override Task WatchAsync(CancellationToken stoppingToken) => watch(stoppingToken);
    }
}

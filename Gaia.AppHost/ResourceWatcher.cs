using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gaia.AppHost;

/// <summary>
/// Watches the resources from before the first one starts until the stack is asked to stop. An ordinary hosted service would come too
/// late: Aspire's own has started only when no resource waits for another any more.
/// </summary>
public abstract partial class ResourceWatcher(ILogger logger) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _watch = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // On this thread as far as the first wait: what is read of the model is read before the start changes it.
        _watch = RunAsync();
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watch.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs until the token is cancelled; that it then throws is expected.</summary>
    protected abstract Task WatchAsync(CancellationToken stoppingToken);

    private async Task RunAsync()
    {
        try
        {
            await WatchAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The stack is stopping.
        }
        catch (Exception exception)
        {
            LogEnd(exception);
        }
    }

    [LoggerMessage(LogLevel.Critical, "The resources are watched no longer.")]
    private partial void LogEnd(Exception exception);
}

using Gaia.ServiceDefaults.Health;

namespace Gaia.Chat.Performance;

/// <summary>
/// The figures of everybody's calls, read at most every few seconds however many ask. What chooses a model must not wait for
/// them, and takes those that are here.
/// </summary>
internal sealed partial class CallWindow(IServiceScopeFactory scopes, TimeProvider time, ILogger<CallWindow> logger)
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(3);

    private readonly Coalesced<CallFiguresTable> _read = new(MaxAge, time);
    private CallFiguresTable _current = CallFiguresTable.Empty;

    /// <summary>The figures as last read. To look at them has them read again for those who come later.</summary>
    public CallFiguresTable Current
    {
        get
        {
            _ = _read.GetAsync(TryReadAsync, CancellationToken.None);
            return Volatile.Read(ref _current);
        }
    }

    /// <summary>The figures, some seconds old at most while the database answers.</summary>
    public Task<CallFiguresTable> GetAsync(CancellationToken cancellationToken) => _read.GetAsync(TryReadAsync, cancellationToken);

    private async Task<CallFiguresTable> TryReadAsync()
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var read = await scope.ServiceProvider.GetRequiredService<CallReader>().ReadAsync(viewer: null, CancellationToken.None);
            Volatile.Write(ref _current, read);
        }
        catch (Exception exception)
        {
            // Models can be chosen and listed without.
            LogNotRead(exception.GetBaseException().Message);
        }

        return _current;
    }

    [LoggerMessage(LogLevel.Warning, "The figures of the last calls could not be read: {Reason}")]
    private partial void LogNotRead(string reason);
}

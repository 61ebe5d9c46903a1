namespace Gaia.ServiceDefaults.Health;

/// <summary>One result for all who ask at the same time and for a moment after, so that polling costs nothing.</summary>
/// <param name="maxAge">How old a result may be.</param>
/// <param name="time">The clock.</param>
public sealed class Coalesced<T>(TimeSpan maxAge, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<T>? _current;
    private long _startedAt;

    /// <summary>The current result, or that of a new <paramref name="run"/>. Cancelling ends the wait, not the run.</summary>
    public Task<T> GetAsync(Func<Task<T>> run, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_current is null || (_current.IsCompleted && time.GetElapsedTime(_startedAt) > maxAge))
            {
                _startedAt = time.GetTimestamp();
                _current = Task.Run(run, CancellationToken.None);
            }

            return _current.WaitAsync(cancellationToken);
        }
    }
}

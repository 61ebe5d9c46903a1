using System.IO.Pipelines;

namespace Gaia.Bench;

/// <summary>
/// Sends the pieces of all paced answers when they are due, from one thread: a timer for each answer would be late, and late in
/// another way for each number of answers.
/// </summary>
internal sealed class Pacer : IDisposable
{
    private readonly PriorityQueue<PacedAnswer, long> _due = new();
    private readonly List<PacedAnswer> _now = [];
    private readonly Thread _thread;
    private volatile bool _ended;

    public Pacer()
    {
        _thread = new Thread(Send) { IsBackground = true, Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    public Task RunAsync(PacedAnswer answer)
    {
        lock (_due)
            _due.Enqueue(answer, answer.Due);
        return answer.Ended;
    }

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
    }

    private void Send()
    {
        while (!_ended)
        {
            var now = Mark.Now;
            lock (_due)
            {
                while (_due.TryPeek(out var next, out var due) && due <= now)
                    _now.Add(_due.Dequeue());
            }

            foreach (var answer in _now)
            {
                if (!answer.SendNext())
                    continue;
                lock (_due)
                    _due.Enqueue(answer, answer.Due);
            }

            _now.Clear();
            Thread.Sleep(1);
        }
    }
}

/// <summary>An answer of which each piece is due at its own time, counted from the first.</summary>
internal sealed class PacedAnswer(PipeWriter output, int count, int interval, CancellationToken left)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start = Mark.Now;
    private ValueTask<FlushResult> _flush;
    private int _next;

    public Task Ended => _ended.Task;

    public long Due => _start + (_next * interval * 1000L);

    public void WriteAll()
    {
        for (; _next < count; _next++)
            Provider.WritePiece(output, _next, _start);
    }

    /// <summary>False at the end.</summary>
    public bool SendNext()
    {
        if (left.IsCancellationRequested || _next == count)
        {
            _ended.TrySetResult();
            return false;
        }

        // A reader that does not keep up gets its pieces late, each with the time at which it was due.
        if (!_flush.IsCompleted)
            return true;
        _ = _flush.IsCompletedSuccessfully && _flush.Result.IsCompleted;
        Provider.WritePiece(output, _next, Due);
        _next++;
        var flush = output.FlushAsync(left);
        _flush = flush.IsCompletedSuccessfully ? default : flush;
        if (_next < count)
            return true;
        _ended.TrySetResult();
        return false;
    }
}

using Gaia.Chat.Completions;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Chat.Streaming;

/// <summary>
/// One event stream to one client: the answer in whole words, and the user's world updates as they come, until its end. The two
/// come from different sides, so they take turns.
/// </summary>
internal sealed class AnswerStream : IAsyncDisposable
{
    private readonly SseWriter _events;
    private readonly IStreamFormat _format;
    private readonly StreamBuffer _buffer = new(ChunkMode.Phrase);
    private readonly WorldSubscription _world;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationToken _clientLeft;
    private readonly Task _begun;
    private Task _relaying = Task.CompletedTask;

    private AnswerStream(HttpContext http, IStreamFormat format, Task ready)
    {
        _world = http.RequestServices.GetRequiredService<WorldUpdates>().Open(http.User.UserId());
        _events = new SseWriter(http.Response.BodyWriter);
        _format = format;
        _clientLeft = http.RequestAborted;
        _begun = BeginAsync(http, ready);
    }

    /// <summary>Makes the response an event stream, and sends what comes before the answer.</summary>
    /// <param name="ready">Before it is done, nothing is sent; if it fails, nothing will be, and its failure comes to whoever writes.</param>
    public static AnswerStream Begin(HttpContext http, IStreamFormat format, Task? ready = null) => new(http, format, ready ?? Task.CompletedTask);

    /// <summary>
    /// Sends what a piece of the answer completes, at once. What was said reaches a client that is there, also when the answer is being ended:
    /// it is kept as well, and to break off what is being sent would break the connection.
    /// </summary>
    public async ValueTask WriteAsync(string text)
    {
        await _begun.WaitAsync(_clientLeft);
        await _turn.WaitAsync(_clientLeft);
        try
        {
            _buffer.Append(text);
            if (WriteChunks())
                await _events.FlushAsync(_clientLeft);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends a complete answer.</summary>
    public async Task EndAsync(StreamEnd end, CancellationToken cancellationToken)
    {
        await CompleteAsync();
        _format.End(_events, end);
        await _events.FlushAsync(cancellationToken);
    }

    /// <summary>Ends a failed answer.</summary>
    public async Task FailAsync(string message, CancellationToken cancellationToken)
    {
        await CompleteAsync();
        _format.Fail(_events, message);
        await _events.FlushAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _world.Dispose();
        await _begun.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _relaying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _events.Dispose();
        _turn.Dispose();
    }

    private async Task BeginAsync(HttpContext http, Task ready)
    {
        await ready;
        http.BeginEventStream();
        _format.Begin(_events);
        await _events.FlushAsync(_clientLeft);
        _relaying = RelayAsync();
    }

    /// <summary>Writes what is left of the answer, and the updates that came until now.</summary>
    private async Task CompleteAsync()
    {
        await _begun;
        _world.Dispose();
        await _relaying;
        _buffer.Complete();
        WriteChunks();
    }

    private bool WriteChunks()
    {
        var any = false;
        while (_buffer.TryTake(out var chunk))
        {
            _format.Chunk(_events, chunk);
            any = true;
        }

        return any;
    }

    /// <summary>Ends when the subscription has ended and all of it is written.</summary>
    private async Task RelayAsync()
    {
        try
        {
            while (await _world.Updates.WaitToReadAsync(_clientLeft))
            {
                await _turn.WaitAsync(_clientLeft);
                try
                {
                    while (_world.Updates.TryRead(out var update))
                        _events.Event(update.Span);
                    await _events.FlushAsync(_clientLeft);
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (OperationCanceledException) when (_clientLeft.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
    }
}

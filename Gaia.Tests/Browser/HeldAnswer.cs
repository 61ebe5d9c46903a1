using System.Text;
using System.Threading.Channels;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Browser;

/// <summary>What a model says to one question, piece by piece as the test wants it.</summary>
internal sealed class HeldAnswer
{
    private readonly Channel<string> _pieces = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once the client has ended the call before the answer was complete.</summary>
    public Task Left => _left.Task.WaitAsync(BrowserStack.Limit);

    public HeldAnswer Say(string piece)
    {
        Assert.True(_pieces.Writer.TryWrite(piece));
        return this;
    }

    public void End() => _pieces.Writer.TryComplete();

    internal async Task PlayAsync(ScriptedProviderExchange exchange, CancellationToken cancellationToken)
    {
        var said = new StringBuilder();
        try
        {
            await foreach (var piece in _pieces.Reader.ReadAllAsync(cancellationToken))
            {
                said.Append(piece);
                await exchange.ChunksAsync([piece], TimeSpan.Zero, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            _left.TrySetResult();
            throw;
        }

        await exchange.EndAsync(said.ToString(), cancellationToken);
    }
}

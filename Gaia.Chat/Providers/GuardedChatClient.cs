using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Providers;

/// <summary>
/// Bounds how long a provider may be silent, and turns all that its SDK throws into a <see cref="ProviderException"/>.
/// A live answer may take as long as it likes, and the time its reader takes does not count.
/// </summary>
internal sealed class GuardedChatClient(
    IChatClient inner, string provider, TimeSpan firstChunkTimeout, TimeSpan idleTimeout, ProviderOutcomes outcomes, TimeProvider time)
    : DelegatingChatClient(inner)
{
    /// <summary>Streams as well: a silent provider shows up in a stream only.</summary>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(firstChunkTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await using var answer = base.GetStreamingResponseAsync(messages, options, either.Token).GetAsyncEnumerator(either.Token);
        bool began = false, finished = false;
        while (true)
        {
            try
            {
                if (!await answer.MoveNextAsync())
                    break;
            }
            catch (Exception exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var failure = deadline.IsCancellationRequested
                    ? new ProviderException(began ? ProviderFault.Stalled : ProviderFault.NoAnswer, provider, inner: exception)
                    : ProviderFaults.Read(exception, provider);
                outcomes.Failed(provider, failure.Fault);
                throw failure;
            }

            deadline.CancelAfter(Timeout.InfiniteTimeSpan);
            began = true;
            finished |= answer.Current.FinishReason is not null;
            yield return answer.Current;
            deadline.CancelAfter(idleTimeout);
        }

        // The connection was closed in good order, but the answer never said that it is complete.
        if (!finished)
        {
            outcomes.Failed(provider, ProviderFault.Cut);
            throw new ProviderException(ProviderFault.Cut, provider);
        }

        outcomes.Answered(provider);
    }
}

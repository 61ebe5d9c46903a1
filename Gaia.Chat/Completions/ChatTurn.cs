using Gaia.Chat.Conversations;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Completions;

/// <summary>
/// One answer: asks the model, hands its pieces on, and stores what it said before anyone is told that it is complete.
/// What was said until a client left or a provider failed is stored too.
/// </summary>
internal sealed partial class ChatTurn(
    Guid userId,
    Guid conversationId,
    ChatModel model,
    List<ChatMessage> prompt,
    IChatClient client,
    long started,
    ConversationStore store,
    IEventBus events,
    ChatSettings settings,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger logger)
{
    private readonly Guid _messageId = Guid.CreateVersion7();
    private readonly AnswerInProgress _answer = new(prompt);
    private long _asked;
    private TimeSpan _modelTime;

    public string RequestId { get; } = $"chat-{Guid.NewGuid()}";

    public Guid ConversationId => conversationId;

    public string Model => model.Id;

    /// <summary>Seconds since 1970.</summary>
    public long Created { get; } = time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Null until the model has said something.</summary>
    public TimeSpan? TimeToFirstChunk { get; private set; }

    /// <summary>What was stored; null until then.</summary>
    public Answer? Answer { get; private set; }

    public CompletionMetadata Metadata => new(
        "direct", RoutingTimeMs: 0, Milliseconds(_modelTime), Milliseconds(time.GetElapsedTime(started)), RequestId, conversationId);

    /// <summary>Returns when the answer is complete and committed. Throws what ended it, after storing what there is.</summary>
    /// <param name="write">Takes each piece of text.</param>
    /// <param name="clientLeft">Cancelled when nobody waits for the answer any more.</param>
    public async Task RunAsync(Func<string, CancellationToken, ValueTask> write, CancellationToken clientLeft)
    {
        Publish("started");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(clientLeft);
        await using var stopping = lifetime.ApplicationStopping.UnsafeRegister(
            static state =>
            {
                var (stop, grace) = ((CancellationTokenSource, TimeSpan))state!;
                stop.CancelAfter(grace);
            },
            (stop, settings.StopGrace));
        try
        {
            await AskAsync(write, stop.Token);
        }
        catch (Exception exception)
        {
            var left = clientLeft.IsCancellationRequested;
            await KeepAsync(left || stop.IsCancellationRequested ? "cancelled" : "error");
            Publish("failed", ErrorType(exception, left));
            if (!left && stop.IsCancellationRequested)
                throw new DependencyUnavailableException("chat", exception);
            throw;
        }

        try
        {
            await StoreAsync(_answer.FinishReason ?? ChatFinishReason.Length.Value);
        }
        catch (Exception exception)
        {
            Publish("failed", ErrorType(exception, left: false));
            throw;
        }

        Publish("completed");
    }

    public static int Milliseconds(TimeSpan duration) => (int)duration.TotalMilliseconds;

    private async Task AskAsync(Func<string, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        _asked = time.GetTimestamp();
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(prompt, new ChatOptions { ModelId = model.Id }, cancellationToken))
            {
                if (_answer.Add(update) is not { } text)
                    continue;
                TimeToFirstChunk ??= time.GetElapsedTime(_asked);
                await write(text, cancellationToken);
                if (_answer.Length >= settings.MaxAnswerLength)
                    break;
            }
        }
        finally
        {
            _modelTime = time.GetElapsedTime(_asked);
        }
    }

    /// <summary>Stores what there is of an answer that will not be completed.</summary>
    private async Task KeepAsync(string finishReason)
    {
        if (_answer.Length == 0)
            return;
        try
        {
            await StoreAsync(finishReason);
        }
        catch (Exception exception)
        {
            // What ended the answer is what the caller has to hear of.
            LogNotKept(exception, conversationId);
        }
    }

    /// <summary>Not cancellable: the client may be gone, what was made is kept. The connection's own time limits bound it.</summary>
    private async Task StoreAsync(string finishReason)
    {
        var (text, promptTokens, completionTokens, source) = _answer.Close();
        var answer = new Answer(_messageId, userId, conversationId, text, model.Id, model.Provider, promptTokens, completionTokens, source, finishReason);
        await store.AppendAnswerAsync(answer, CancellationToken.None);
        Answer = answer;
    }

    private void Publish(string status, string? errorType = null) => events.Publish(new ChatMessageEvent(
        _messageId,
        userId.ToString(),
        conversationId,
        PersonaId: null,
        status,
        time.GetUtcNow().UtcDateTime,
        new ChatMessageDetails(model.Id, model.Provider, Answer?.PromptTokens, Answer?.CompletionTokens, errorType)));

    private static string ErrorType(Exception exception, bool left) => exception switch
    {
        _ when left => "client_left",
        ProviderException provider => provider.ErrorType,
        OperationCanceledException => "stopping",
        _ => "internal",
    };

    [LoggerMessage(LogLevel.Error, "The part of an answer that was made in conversation {ConversationId} could not be stored")]
    private partial void LogNotKept(Exception exception, Guid conversationId);
}

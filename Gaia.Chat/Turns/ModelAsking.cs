using Gaia.Chat.Providers;
using Gaia.Chat.Providers.Local;
using Gaia.ServiceDefaults.Data;
using Microsoft.Extensions.AI;

namespace Gaia.Chat.Turns;

/// <summary>Asks the chosen model for an answer, and others while none has said anything; knows what it took.</summary>
/// <param name="personaId">Who speaks; null for nobody in particular.</param>
internal sealed partial class ModelAsking(
    TurnRequest request, RunRecord run, ModelChoice choice, Guid? personaId, Prompt prompt, TurnStore store, TurnServices services)
{
    /// <summary>Models that are tried, at most.</summary>
    private const int MaxAttempts = 3;

    private readonly ILogger _logger = services.Logger;
    private DateTime _askedAt;
    private long _asked;

    /// <summary>The model that answers, which is another than the chosen one after a fallback.</summary>
    public ChatModel Model { get; private set; } = choice.Model;

    public bool FallbackUsed => Model != choice.Model;

    /// <summary>What is said, as it is said.</summary>
    public AnswerInProgress Text { get; } = new();

    /// <summary>Messages that the model was sent, the new one and the instructions among them.</summary>
    public int MessagesSent { get; private set; }

    /// <summary>Null until the model has said something.</summary>
    public TimeSpan? TimeToFirstChunk { get; private set; }

    /// <summary>What the last model that was asked took.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>What the prompt takes, as it is counted here.</summary>
    public int CountPromptTokens() => (int)TokenCounter.Count(prompt.For(Model), null);

    /// <param name="write">Takes each piece of text.</param>
    /// <param name="cancellationToken">Ends the answer where it is.</param>
    public async Task RunAsync(Func<string, ValueTask> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AskAsync(write, cancellationToken);
                return;
            }
            catch (ProviderException failure) when (Text.Length == 0 && FallbackAfter(attempt) is { } next)
            {
                LogFellBack(run.Id, Model.Id, failure.ErrorType, next.Id);
                await store.RecordAsync(Record(Guid.CreateVersion7(), CallRecord.Failed, failure.ErrorType, 0, 0, AnswerInProgress.Estimated), cancellationToken);
                Model = next;
            }
        }
    }

    /// <summary>What the call of the last model was and used, until now.</summary>
    public CallRecord Record(Guid id, string status, string? errorType, int promptTokens, int completionTokens, string source) => new()
    {
        Id = id,
        UserId = run.UserId,
        ConversationId = run.ConversationId,
        MessageId = run.MessageId,
        PersonaId = personaId,
        Route = run.Route,
        Provider = Model.Provider,
        Model = Model.Id,
        Status = status,
        ErrorType = errorType,
        PromptTokens = promptTokens,
        CompletionTokens = completionTokens,
        UsageSource = source,
        CostUsd = CallRecord.CostOf(Model, promptTokens, completionTokens),
        Streamed = request.Streamed,
        FallbackUsed = FallbackUsed,
        StartedAt = _askedAt,
        DurationUs = (long)services.Time.GetElapsedTime(_asked).TotalMicroseconds,
        FirstChunkUs = (long?)TimeToFirstChunk?.TotalMicroseconds,
    };

    private ChatModel? FallbackAfter(int attempts) =>
        services.Settings.Fallback && attempts < MaxAttempts ? choice.Fallbacks.Where(prompt.Fits).ElementAtOrDefault(attempts - 1) : null;

    private async Task AskAsync(Func<string, ValueTask> write, CancellationToken cancellationToken)
    {
        var messages = prompt.For(Model);
        Text.Ask(messages);
        MessagesSent = messages.Count;
        _askedAt = services.Time.GetNaiveUtcNow();
        _asked = services.Time.GetTimestamp();
        var options = new ChatOptions
        {
            ModelId = Model.Id,
            Temperature = Model.SupportsTemperature ? request.Temperature : null,
            MaxOutputTokens = request.MaxOutputTokens is { } wished ? Math.Min(wished, Model.MaxOutputTokens) : null,
        };
        try
        {
            await foreach (var update in services.Clients.GetRequiredKeyedService<IChatClient>(Model.Provider).GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                if (Text.Add(update) is not { } text)
                    continue;
                TimeToFirstChunk ??= services.Time.GetElapsedTime(_asked);
                await write(text);
                if (Text.Length >= services.Settings.MaxAnswerLength)
                    break;
            }
        }
        finally
        {
            Took = services.Time.GetElapsedTime(_asked);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Answer chat-{RunId}: {Model} failed ({Fault}), {Next} is asked instead")]
    private partial void LogFellBack(Guid runId, string model, string fault, string next);
}

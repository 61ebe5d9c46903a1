using Gaia.Chat.Providers;

namespace Gaia.Chat.Turns;

/// <summary>An answer to be kept.</summary>
/// <param name="QuestionId">The user's message that it answers; once that was replaced, so is the answer.</param>
/// <param name="UsageSource"><c>provider</c> or <c>estimated</c>.</param>
/// <param name="FinishReason">The provider's, or <c>cancelled</c>, or <c>error</c>.</param>
/// <param name="Replaces">The message after which it replaces everything; null for an answer that is simply the next message.</param>
internal sealed record Answer(
    Guid Id,
    Guid UserId,
    Guid? ConversationId,
    Guid QuestionId,
    string Text,
    string Model,
    string Provider,
    int PromptTokens,
    int CompletionTokens,
    string UsageSource,
    string FinishReason,
    Question? Replaces);

/// <summary>A row of <c>chat_runs</c>: an answer that is being made. Times are UTC of unspecified kind.</summary>
/// <param name="ConversationId">Null when the client keeps the conversation itself.</param>
/// <param name="MessageId">The answer's.</param>
/// <param name="QuestionId">That of the user's message.</param>
/// <param name="Regenerates">Whether it replaces another answer once it is complete.</param>
internal sealed record RunRecord(
    Guid Id, Guid UserId, Guid? ConversationId, Guid MessageId, Guid QuestionId, bool Regenerates, string Route, bool Background, DateTime StartedAt);

/// <summary>A row of <c>llm_calls</c>: what one call of a model used. Times in microseconds.</summary>
internal sealed record CallRecord
{
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
    public const string Failed = "failed";

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? MessageId { get; init; }

    public Guid? PersonaId { get; init; }

    public required string Route { get; init; }

    public required string Provider { get; init; }

    public required string Model { get; init; }

    /// <summary><see cref="Completed"/>, <see cref="Cancelled"/> or <see cref="Failed"/>.</summary>
    public required string Status { get; init; }

    public string? ErrorType { get; init; }

    public int PromptTokens { get; init; }

    public int CompletionTokens { get; init; }

    public required string UsageSource { get; init; }

    /// <summary>Null when the model's price is not known.</summary>
    public decimal? CostUsd { get; init; }

    public bool Streamed { get; init; }

    public bool FallbackUsed { get; init; }

    public required DateTime StartedAt { get; init; }

    public required long DurationUs { get; init; }

    public long? FirstChunkUs { get; init; }

    /// <summary>USD; null when the price is not known.</summary>
    public static decimal? CostOf(ChatModel model, int promptTokens, int completionTokens) =>
        (promptTokens * model.InputTokenPrice) + (completionTokens * model.OutputTokenPrice);
}

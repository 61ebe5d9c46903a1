using System.ComponentModel;

namespace Gaia.Chat.Conversations.Messages;

public sealed record MessageBody(
    Guid Id,
    string Role,
    string Content,
    string? Model,
    string? Provider,
    int? TokensUsed,
    DateTime CreatedAt,
    string? FinishReason,
    int? PromptTokens,
    int? CompletionTokens);

/// <param name="Messages">The oldest first.</param>
/// <param name="NextBefore">What to send as <c>before</c> for those that were said before these; null when these are the first.</param>
/// <param name="NextAfter">What to send as <c>after</c> for those that were said after these; null when these are the last.</param>
public sealed record MessageList(IReadOnlyList<MessageBody> Messages, Guid? NextBefore, Guid? NextAfter);

/// <param name="Usage">What the answer took; null for what users wrote, and for a copy in a branch.</param>
public sealed record MessageDetails(MessageBody Message, MessageUsage? Usage);

/// <param name="UsageSource"><c>provider</c>, or <c>estimated</c> where that gave no count.</param>
/// <param name="CostUsd">Null where the price of the model is not known.</param>
public sealed record MessageUsage(
    string Model, string Provider, int PromptTokens, int CompletionTokens, string UsageSource, decimal? CostUsd, double DurationMs, double? TimeToFirstChunkMs);

/// <summary>The body of <c>POST /api/v1/conversations/{id}/messages</c>, for the description of the API: it is read field by field.</summary>
public sealed record NewMessageBody(
    [property: Description("`user`, `assistant` or `system`.")] string Role,
    string Content,
    [property: Description("Which model said it.")] string? Model = null,
    [property: Description("Whose model said it.")] string? Provider = null,
    [property: Description("Of prompt and answer together.")] int? TokensUsed = null);

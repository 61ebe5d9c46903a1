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
public sealed record MessageList(IReadOnlyList<MessageBody> Messages, Guid? NextBefore);

/// <summary>The body of <c>POST /api/v1/conversations/{id}/messages</c>, for the description of the API: it is read field by field.</summary>
public sealed record NewMessageBody(
    [property: Description("`user`, `assistant` or `system`.")] string Role,
    string Content,
    [property: Description("Which model said it.")] string? Model = null,
    [property: Description("Whose model said it.")] string? Provider = null,
    [property: Description("Of prompt and answer together.")] int? TokensUsed = null);

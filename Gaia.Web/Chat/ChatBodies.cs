using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.Web.Chat;

// What the gateway says (docs/chat.md), as far as the pages read it. Times are UTC.

public sealed record Conversation(Guid Id, string Title, string? Preview, DateTime CreatedAt, DateTime UpdatedAt, bool IsPinned, bool IsArchived);

public sealed record ConversationList(IReadOnlyList<Conversation> Conversations, string? NextCursor);

public sealed record FoundConversations(IReadOnlyList<FoundConversation> Conversations, string? NextCursor);

public sealed record FoundConversation(Guid Id, string Title, string? Preview, DateTime UpdatedAt, bool IsPinned, bool IsArchived, Guid? MessageId, Snippet? Snippet);

public sealed record Snippet(string Text, IReadOnlyList<SnippetMatch> Matches);

public sealed record SnippetMatch(int Start, int Length);

public sealed record Message(Guid Id, string Role, string Content, string? Model, DateTime CreatedAt, string? FinishReason)
{
    public const string User = "user";
    public const string Assistant = "assistant";
}

public sealed record MessageList(IReadOnlyList<Message> Messages, Guid? NextBefore, Guid? NextAfter)
{
    public static readonly MessageList Empty = new([], null, null);
}

public sealed record MessageDetails(Message Message, MessageUsage? Usage);

public sealed record MessageUsage(
    string Model, string Provider, int PromptTokens, int CompletionTokens, string UsageSource, decimal? CostUsd, double DurationMs, double? TimeToFirstChunkMs);

public sealed record ModelList(IReadOnlyList<Model> Models);

public sealed record Model(string Id, string Name, string Provider, string? Description, string? Status, bool IsDeprecated);

public sealed record PersonaList(IReadOnlyList<Persona> Personas);

public sealed record Persona(Guid Id, string Name, string? Description);

public sealed record CreatedShare(Guid Id, string Token, DateTime? ExpiresAt);

public sealed record ShareList(IReadOnlyList<Share> Shares);

public sealed record Share(Guid Id, DateTime CreatedAt, DateTime? ExpiresAt);

public sealed record SharedConversation(string Title, DateTime CreatedAt, IReadOnlyList<SharedMessage> Messages, int? NextOffset = null);

public sealed record SharedMessage(string Role, string Content, DateTime CreatedAt);

public sealed record ConversationChange(string? Title = null, bool? IsPinned = null, bool? IsArchived = null);

public sealed record BranchWish(Guid MessageId);

public sealed record ShareWish(double? ExpiresInHours);

/// <summary>A question to a model, or another wording of one, or the wish for another answer.</summary>
public sealed record AnswerWish(string? Message = null, Guid? ConversationId = null, string? Content = null, string? Model = null, string? PersonaId = null)
{
    /// <summary>The answer is made whoever watches: whoever closes the page finds it when they come back.</summary>
    public bool Detached => true;
}

/// <summary>An event of the answer's stream (contract 3.5), and what else this page makes of it.</summary>
public sealed record AnswerEvent(string Type, string? Content = null, string? Html = null, string? Error = null, Guid? MessageId = null, string? FinishReason = null);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Conversation))]
[JsonSerializable(typeof(ConversationList))]
[JsonSerializable(typeof(FoundConversations))]
[JsonSerializable(typeof(MessageList))]
[JsonSerializable(typeof(MessageDetails))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(PersonaList))]
[JsonSerializable(typeof(CreatedShare))]
[JsonSerializable(typeof(ShareList))]
[JsonSerializable(typeof(SharedConversation))]
[JsonSerializable(typeof(ConversationChange))]
[JsonSerializable(typeof(BranchWish))]
[JsonSerializable(typeof(ShareWish))]
[JsonSerializable(typeof(AnswerWish))]
[JsonSerializable(typeof(RunningAnswer))]
[JsonSerializable(typeof(AnswerEvent))]
internal sealed partial class ChatJson : JsonSerializerContext;

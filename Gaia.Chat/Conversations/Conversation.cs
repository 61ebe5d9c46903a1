using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Conversations;

public sealed class Conversation
{
    public const int MaxTitleLength = 255;
    public const string DefaultTitle = "New Conversation";

    /// <summary>Characters of a message that its conversation shows in lists.</summary>
    public const int PreviewLength = 100;

    /// <summary>The value of <see cref="Memory"/> of what a user says on the routes without conversations.</summary>
    public const string UserMemory = "user";

    private const int TitleLength = 50;

    /// <summary>
    /// Locks it. What comes after this in a transaction sees all that others said in it; a statement that locks it by itself has
    /// already looked when it waits.
    /// </summary>
    internal static SqlStatement Hold(Guid? userId, Guid? id) => $"SELECT id FROM conversations WHERE id = {id} AND user_id IS NOT DISTINCT FROM {userId} FOR UPDATE";

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required string Title { get; set; }

    /// <summary>The beginning of the last message.</summary>
    public string? Preview { get; set; }

    /// <summary>False once deleted.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>Null for a conversation whose id clients know; <see cref="UserMemory"/> for one they never see.</summary>
    public string? Memory { get; init; }

    public bool IsPinned { get; init; }

    public bool IsArchived { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>Grows with every message, strictly, and with nothing else.</summary>
    public required DateTime UpdatedAt { get; set; }

    /// <summary>The title of a conversation that begins with <paramref name="message"/>.</summary>
    public static string TitleOf(string message) =>
        string.IsNullOrWhiteSpace(message) ? DefaultTitle : TextRules.Cut(message, TitleLength, "...");

    public static string PreviewOf(string message) => TextRules.Cut(message, PreviewLength);
}

/// <summary>A row of <c>chat_messages</c>.</summary>
public sealed class Message
{
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string System = "system";

    public const int MaxModelLength = 100;
    public const int MaxProviderLength = 50;

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required Guid ConversationId { get; init; }

    public required string Role { get; init; }

    public required string Content { get; init; }

    public string? Model { get; init; }

    public string? Provider { get; init; }

    /// <summary>Of prompt and answer together; null for what users wrote.</summary>
    public int? TokensUsed { get; init; }

    public int? PromptTokens { get; init; }

    public int? CompletionTokens { get; init; }

    /// <summary>The provider's, or <c>cancelled</c>, or <c>error</c>; null for what users wrote.</summary>
    public string? FinishReason { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>When it was edited or answered anew; from then on it is left out everywhere.</summary>
    public DateTime? SupersededAt { get; init; }

    /// <summary>Orders rows of the same time.</summary>
    public long Ordinal { get; init; }
}

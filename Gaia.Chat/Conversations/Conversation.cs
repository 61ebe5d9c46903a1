using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Conversations;

public sealed class Conversation
{
    public const int MaxTitleLength = 255;
    public const string DefaultTitle = "New Conversation";

    /// <summary>The value of <see cref="Memory"/> of what a user says on the routes without conversations.</summary>
    public const string UserMemory = "user";

    private const int TitleLength = 50;
    private const int PreviewLength = 100;

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required string Title { get; set; }

    /// <summary>The beginning of the last message.</summary>
    public string? Preview { get; set; }

    /// <summary>False once deleted.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>Null for a conversation whose id clients know; <see cref="UserMemory"/> for one they never see.</summary>
    public string? Memory { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>Grows with every message, strictly.</summary>
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

    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required Guid ConversationId { get; init; }

    public required string Role { get; init; }

    public required string Content { get; init; }

    public string? Model { get; init; }

    public string? Provider { get; init; }

    /// <summary>Of prompt and answer together; null for what users wrote.</summary>
    public int? TokensUsed { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>When it was edited or answered anew; from then on it is left out everywhere.</summary>
    public DateTime? SupersededAt { get; init; }

    /// <summary>Orders rows of the same time.</summary>
    public long Ordinal { get; init; }
}

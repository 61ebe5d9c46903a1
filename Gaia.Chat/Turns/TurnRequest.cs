using Gaia.Chat.Providers;

namespace Gaia.Chat.Turns;

/// <summary>What a turn needs to know, whichever route asks.</summary>
internal sealed record TurnRequest
{
    public required Guid UserId { get; init; }

    /// <summary>What the user says; may be empty.</summary>
    public required string Message { get; init; }

    public required TurnMemory Memory { get; init; }

    public required ModelWish Wish { get; init; }

    /// <summary>As sent; null for the user's own choice.</summary>
    public string? PersonaId { get; init; }

    /// <summary>Told to the model after the persona, for this turn alone.</summary>
    public string? Instructions { get; init; }

    public float? Temperature { get; init; }

    public int? MaxOutputTokens { get; init; }

    /// <summary>The family and route that asks, such as <c>v1.chat</c>; at most 40 characters.</summary>
    public required string Route { get; init; }

    public bool Streamed { get; init; }

    /// <summary>Whether the answer is made to its end, whoever leaves.</summary>
    public bool Background { get; init; }

    /// <summary>Whether nobody waits: who asks is only told what is being made.</summary>
    public bool Detached { get; init; }

    /// <summary>Whether the answer is wanted in the short form of v0.3.</summary>
    public bool ShortForm { get; init; }

    /// <summary>Whether a stream tells at its end what the answer used.</summary>
    public bool IncludeUsage { get; init; }

    public required StageClock Clock { get; init; }
}

/// <summary>What a turn remembers, and where it is kept.</summary>
internal abstract record TurnMemory
{
    private TurnMemory()
    {
    }

    /// <summary>A conversation that begins.</summary>
    internal sealed record Beginning : TurnMemory;

    /// <summary>A conversation that goes on.</summary>
    /// <param name="ConversationId">As sent.</param>
    internal sealed record Conversation(string ConversationId) : TurnMemory;

    /// <summary>A conversation that goes on from a message of the user in other words: that one and all after it are replaced.</summary>
    /// <param name="ConversationId">As sent.</param>
    /// <param name="MessageId">Of the user's message, as sent.</param>
    internal sealed record Edited(string ConversationId, string MessageId) : TurnMemory;

    /// <summary>A conversation in which a message of the user is answered anew: the answer replaces all after that message.</summary>
    internal sealed record Again(Guid ConversationId, Question Question) : TurnMemory;

    /// <summary>All that this user said on the routes without conversations.</summary>
    internal sealed record OfUser : TurnMemory;

    /// <summary>What the client sends along; nothing is kept but the usage.</summary>
    /// <param name="IsWhole">Whether the client says itself who speaks.</param>
    internal sealed record Given(IReadOnlyList<Said> Before, bool IsWhole) : TurnMemory;
}

/// <summary>A message of the user that is there already.</summary>
/// <param name="CreatedAt">With the ordinal its place in the conversation.</param>
/// <param name="LastAt">With its ordinal the place of the last message of the conversation.</param>
/// <param name="IsReplaced">Whether the message by which it was found is replaced: then it can only be told again what it was answered.</param>
internal sealed record Question(Guid Id, string Content, DateTime CreatedAt, long Ordinal, DateTime LastAt, long LastOrdinal, bool IsReplaced);

/// <summary>A message as a model is told it.</summary>
internal sealed record Said(string Role, string Content);

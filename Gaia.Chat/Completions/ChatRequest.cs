using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Chat.Completions;

/// <summary>A request for an answer, whichever route it came to.</summary>
internal sealed record ChatRequest
{
    /// <summary>What the user says; may be empty on the routes that allow it.</summary>
    public required string Message { get; init; }

    /// <summary>Which model is wished for.</summary>
    public required ModelWish Wish { get; init; }

    /// <summary>What was said before, where the client keeps that itself.</summary>
    public IReadOnlyList<Said>? Before { get; init; }

    /// <summary>As sent; null for a new conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>As sent; null for the user's own choice.</summary>
    public string? PersonaId { get; init; }

    /// <summary>Whether the answer is wanted as it is made.</summary>
    public bool Stream { get; init; }

    /// <summary>Whether the answer is made to its end, whoever leaves.</summary>
    public bool Background { get; init; }

    /// <summary>Whether the client does not wait for the answer, which is made in the background then.</summary>
    public bool Detached { get; init; }

    /// <summary>Whether a whole answer is wanted in the format of v0.3.</summary>
    public bool ShortForm { get; init; }

    /// <summary>Whether a stream tells at its end what the answer used.</summary>
    public bool IncludeUsage { get; init; }

    public float? Temperature { get; init; }

    public int? MaxOutputTokens { get; init; }

    /// <summary>The memory of the routes with conversations.</summary>
    public TurnMemory Conversation => ConversationId is { } id ? new TurnMemory.Conversation(id) : new TurnMemory.Beginning();

    public TurnRequest ToTurn(HttpContext http, string route, TurnMemory memory) => new()
    {
        UserId = http.User.UserId(),
        Message = Message,
        Memory = memory,
        Wish = Wish,
        PersonaId = PersonaId,
        Temperature = Temperature,
        MaxOutputTokens = MaxOutputTokens,
        Route = route,
        Streamed = Stream,
        Background = Background || Detached,
        Detached = Detached,
        ShortForm = ShortForm,
        IncludeUsage = IncludeUsage,
        Clock = http.Clock(),
    };
}

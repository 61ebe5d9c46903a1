using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Turns;

/// <summary>A turn asks for what is not there for its user, or for too much. Its message is what the client is told.</summary>
internal sealed class TurnRefusedException : Exception
{
    private const int MaxEchoedId = 100;

    /// <summary>About as long as an answer takes to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private TurnRefusedException(string message, int statusCode = StatusCodes.Status404NotFound) : base(message) => StatusCode = statusCode;

    public int StatusCode { get; }

    /// <summary>When the same request may succeed; null for one that has to be changed.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public static TurnRefusedException Conversation(string id) => new($"Conversation {TextRules.Cut(id, MaxEchoedId, "...")} not found");

    public static TurnRefusedException MissingMessage() => new("Message not found in this conversation");

    public static TurnRefusedException Persona(string? id) => new($"Persona not found: {TextRules.Cut(id ?? "", MaxEchoedId, "...")}");

    public static TurnRefusedException TooLong(ChatModel model) => new(
        $"This is more than {model.Id} takes in its window of {model.ContextWindow} tokens: send less text, ask for a shorter answer, or name a model with a larger window",
        StatusCodes.Status422UnprocessableEntity);

    public static TurnRefusedException TooMany(int most) =>
        new($"{most} answers are being made in the background for you: wait for one of them, or stop it", StatusCodes.Status429TooManyRequests) { RetryAfter = Patience };
}

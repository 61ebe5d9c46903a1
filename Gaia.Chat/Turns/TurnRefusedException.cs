using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Turns;

/// <summary>A turn names something that is not there for its user. Its message is what the client is told, with 404.</summary>
internal sealed class TurnRefusedException : Exception
{
    private const int MaxEchoedId = 100;

    private TurnRefusedException(string message) : base(message)
    {
    }

    public static TurnRefusedException Conversation(string id) => new($"Conversation {TextRules.Cut(id, MaxEchoedId, "...")} not found");

    public static TurnRefusedException MissingMessage() => new("Message not found in this conversation");

    public static TurnRefusedException Persona(string? id) => new($"Persona not found: {TextRules.Cut(id ?? "", MaxEchoedId, "...")}");
}

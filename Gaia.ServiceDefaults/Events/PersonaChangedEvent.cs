using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gaia.ServiceDefaults.Events;

/// <summary>
/// Subject <c>gaia.chat.persona.changed</c>: every cache drops a persona, the lists that it is in, and the choice and the prompts
/// of the user. Carries no text of a persona.
/// </summary>
/// <param name="Origin">The process that wrote it; it has dropped everything itself.</param>
/// <param name="PersonaId">Which persona was written; null when only a choice was.</param>
/// <param name="UserId">Whose; null for everybody's.</param>
/// <param name="Timestamp">When, UTC.</param>
public sealed record PersonaChangedEvent(Guid Origin, Guid? PersonaId, string? UserId, DateTime Timestamp) : IEvent<PersonaChangedEvent>
{
    public const string ChangedSubject = "gaia.chat.persona.changed";

    [JsonIgnore]
    public string Subject => ChangedSubject;

    public static JsonTypeInfo<PersonaChangedEvent> Json => EventJson.Default.PersonaChangedEvent;
}

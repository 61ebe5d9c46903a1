using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Gaia.ServiceDefaults.Events;

/// <summary>
/// Subjects <c>gaia.chat.{conversation_id}.{event}</c>: a conversation is another than it was. Carries ids and no text: whoever wants
/// that asks for it. What becomes of an answer tells <see cref="ChatMessageEvent"/>.
/// </summary>
/// <param name="Event">What happened: the end of the subject.</param>
/// <param name="UserId">Whose conversation it is.</param>
/// <param name="MessageId">The message that was added.</param>
/// <param name="ReplacesId">The message that it replaces, with all that followed.</param>
public sealed record ConversationEvent(
    string Event,
    Guid ConversationId,
    Guid UserId,
    DateTime Timestamp,
    Guid? MessageId = null,
    Guid? ReplacesId = null) : IEvent<ConversationEvent>
{
    public const string Created = "created";

    /// <summary>Its title, its pin, or whether it is archived.</summary>
    public const string Changed = "changed";

    public const string Deleted = "deleted";
    public const string Restored = "restored";

    /// <summary>All its messages were removed.</summary>
    public const string Cleared = "cleared";

    public const string Message = "message";
    public const string Edited = "edited";

    [JsonIgnore]
    public string Subject => $"gaia.chat.{ConversationId}.{Event}";

    public static JsonTypeInfo<ConversationEvent> Json => EventJson.Default.ConversationEvent;
}

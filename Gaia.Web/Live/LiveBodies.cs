using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Events;

namespace Gaia.Web.Live;

/// <summary>What a page says.</summary>
internal sealed record ClientMessage(string? Type, string? User, bool? Typing);

/// <summary>What a page is told: <c>message</c> of its conversation, <c>notification</c> of its user.</summary>
internal sealed record ServerMessage(string Type, LiveEvent Data);

/// <summary>Subject <c>gaia.chat.{conversation_id}.typing</c>: somebody is typing, or has stopped.</summary>
internal sealed record TypingEvent(Guid ConversationId, string User, bool Typing) : IEvent<TypingEvent>
{
    [JsonIgnore]
    public string Subject => $"gaia.chat.{ConversationId}.typing";

    public static JsonTypeInfo<TypingEvent> Json => LiveJson.Default.TypingEvent;
}

/// <summary>Any event on <c>gaia.chat.*.*</c> and <c>gaia.notifications.*</c>, of which only is read whom it concerns. It is handed on as it came.</summary>
internal sealed class LiveEvent : IEvent<LiveEvent>
{
    public const string ChatSubject = "gaia.chat.*.*";
    public const string NotificationSubject = "gaia.notifications.*";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ConversationId { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserId { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Rest { get; set; }

    [JsonIgnore]
    public string Subject => throw new NotSupportedException("Others publish it.");

    public static JsonTypeInfo<LiveEvent> Json => LiveJson.Default.LiveEvent;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClientMessage))]
[JsonSerializable(typeof(ServerMessage))]
[JsonSerializable(typeof(TypingEvent))]
[JsonSerializable(typeof(LiveEvent))]
internal sealed partial class LiveJson : JsonSerializerContext;

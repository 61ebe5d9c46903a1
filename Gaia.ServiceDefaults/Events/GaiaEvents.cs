using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Http;

namespace Gaia.ServiceDefaults.Events;

/// <summary>Subject <c>gaia.service.health</c>: a service came up or is about to stop.</summary>
/// <param name="Status"><c>healthy</c>, <c>unhealthy</c>, <c>starting</c> or <c>stopping</c>.</param>
public sealed record ServiceHealthEvent(string ServiceName, string Status, DateTime Timestamp) : IEvent<ServiceHealthEvent>
{
    [JsonIgnore]
    public string Subject => "gaia.service.health";

    public static JsonTypeInfo<ServiceHealthEvent> Json => EventJson.Default.ServiceHealthEvent;
}

/// <summary>Subject <c>gaia.service.ready</c>: a service has its tables and takes requests.</summary>
public sealed record ServiceReadyEvent(string Service, string Status, DateTime Timestamp) : IEvent<ServiceReadyEvent>
{
    [JsonIgnore]
    public string Subject => "gaia.service.ready";

    public static JsonTypeInfo<ServiceReadyEvent> Json => EventJson.Default.ServiceReadyEvent;
}

/// <summary>
/// Subjects <c>gaia.chat.message.start</c>, <c>.complete</c> and <c>.failed</c>: the life of one answer.
/// Carries no text of the conversation.
/// </summary>
/// <param name="ConversationId">Null when the client keeps the conversation itself.</param>
/// <param name="Status"><c>started</c>, <c>completed</c> or <c>failed</c>.</param>
public sealed record ChatMessageEvent(
    Guid MessageId,
    string UserId,
    Guid? ConversationId,
    string? PersonaId,
    string Status,
    DateTime Timestamp,
    ChatMessageDetails? Details) : IEvent<ChatMessageEvent>
{
    [JsonIgnore]
    public string Subject => Status switch
    {
        "started" => "gaia.chat.message.start",
        "completed" => "gaia.chat.message.complete",
        _ => "gaia.chat.message.failed",
    };

    public static JsonTypeInfo<ChatMessageEvent> Json => EventJson.Default.ChatMessageEvent;
}

/// <param name="ErrorType">With <c>failed</c>: the kind of failure, never its text.</param>
public sealed record ChatMessageDetails(string Model, string Provider, int? PromptTokens, int? CompletionTokens, string? ErrorType);

/// <summary>
/// Subject <c>gaia.auth.revoked</c>: every cache drops what it knows of these credentials at once.
/// </summary>
/// <param name="CredentialHashes">SHA-256 in lower-case hex of the credentials, as in <c>api_keys.key_hash</c>.</param>
/// <param name="Reason"><c>revoked</c>, <c>expired</c>, <c>rotated</c>…</param>
public sealed record CredentialsRevokedEvent(IReadOnlyList<string> CredentialHashes, string Reason, DateTime Timestamp) : IEvent<CredentialsRevokedEvent>
{
    public const string RevokedSubject = "gaia.auth.revoked";

    [JsonIgnore]
    public string Subject => RevokedSubject;

    public static JsonTypeInfo<CredentialsRevokedEvent> Json => EventJson.Default.CredentialsRevokedEvent;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ServiceHealthEvent))]
[JsonSerializable(typeof(ServiceReadyEvent))]
[JsonSerializable(typeof(ChatMessageEvent))]
[JsonSerializable(typeof(CredentialsRevokedEvent))]
[JsonSerializable(typeof(AuthEvent))]
[JsonSerializable(typeof(PermissionsChangedEvent))]
[JsonSerializable(typeof(PersonaChangedEvent))]
[JsonSerializable(typeof(ConversationEvent))]
[JsonSerializable(typeof(string))]
internal sealed partial class EventJson : JsonSerializerContext;

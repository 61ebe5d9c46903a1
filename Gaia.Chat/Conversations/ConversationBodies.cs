using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Conversations;

/// <summary>The body of <c>POST /api/v1/conversations</c>, for the description of the API: it is read field by field.</summary>
public sealed record NewConversationBody([property: Description("Shown in lists; \"New Conversation\" when absent.")] string? Title = null);

public sealed record ConversationBody(Guid Id, string Title, string Preview, DateTime CreatedAt, DateTime UpdatedAt);

public sealed record ConversationList(IReadOnlyList<ConversationBody> Conversations);

public sealed record MessageBody(Guid Id, string Role, string Content, string? Model, string? Provider, int? TokensUsed, DateTime CreatedAt);

public sealed record MessageList(IReadOnlyList<MessageBody> Messages);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ConversationBody))]
[JsonSerializable(typeof(ConversationList))]
[JsonSerializable(typeof(MessageList))]
internal sealed partial class ConversationJson : JsonSerializerContext
{
    public static ConversationJson Readable => field ??= new(Default.Readable());
}

using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Chat.Conversations.Messages;
using Gaia.Chat.Conversations.Search;
using Gaia.Chat.Conversations.Sharing;
using Gaia.Chat.Conversations.V03;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Conversations;

/// <summary>The body of <c>POST /api/v1/conversations</c>, for the description of the API: it is read field by field.</summary>
public sealed record NewConversationBody([property: Description("Shown in lists; \"New Conversation\" when absent.")] string? Title = null);

/// <summary>The body of <c>PUT /api/v1/conversations/{id}</c>.</summary>
public sealed record RenameConversationBody(
    [property: Description("Unchanged when absent.")] string? Title = null,
    [property: Description("Shown below the title, until the next message; unchanged when absent.")] string? Preview = null);

/// <summary>The body of <c>PATCH /api/v1/conversations/{id}</c>.</summary>
public sealed record ChangeConversationBody(
    [property: Description("Unchanged when absent.")] string? Title = null,
    [property: Description("Whether `sort=pinned` lists it first; unchanged when absent.")] bool? IsPinned = null,
    [property: Description("Whether lists leave it out that do not ask for it; unchanged when absent.")] bool? IsArchived = null);

/// <summary>The body of <c>POST /api/v1/conversations/{id}/branch</c>.</summary>
public sealed record BranchBody(
    [property: Description("The last message that the new conversation has.")] Guid MessageId,
    [property: Description("That of the conversation when absent.")] string? Title = null);

public sealed record ConversationBody(Guid Id, string Title, string Preview, DateTime CreatedAt, DateTime UpdatedAt, bool IsPinned, bool IsArchived);

/// <param name="Conversations">In the order that was asked for.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for those that follow; null when these are the last.</param>
public sealed record ConversationList(IReadOnlyList<ConversationBody> Conversations, string? NextCursor);

public sealed record ConversationStats(long TotalConversations, long TotalMessages);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ConversationBody))]
[JsonSerializable(typeof(ConversationList))]
[JsonSerializable(typeof(ConversationStats))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(MessageList))]
[JsonSerializable(typeof(MessageDetails))]
[JsonSerializable(typeof(FoundConversations))]
[JsonSerializable(typeof(CreatedShare))]
[JsonSerializable(typeof(ShareList))]
[JsonSerializable(typeof(SharedConversation))]
[JsonSerializable(typeof(BriefConversation))]
[JsonSerializable(typeof(BriefConversationList))]
[JsonSerializable(typeof(CreatedBriefConversation))]
internal sealed partial class ConversationJson : JsonSerializerContext
{
    public static ConversationJson Readable => field ??= new(Default.Readable());
}

namespace Gaia.Chat.Conversations.V03;

/// <summary>A conversation in the short form of v0.3.</summary>
public sealed record BriefConversation(Guid ConversationId, string Title, DateTime CreatedAt);

public sealed record BriefConversationList(IReadOnlyList<BriefConversation> Conversations);

public sealed record CreatedBriefConversation(Guid ConversationId, string Title);

using System.ComponentModel;

namespace Gaia.Chat.Conversations.Sharing;

/// <summary>The body of <c>POST /api/v1/conversations/{id}/share</c>, for the description of the API: it is read field by field.</summary>
public sealed record NewShareBody(
    [property: Description("More than 0, at most 87600. Either this, or `expires_at`, or neither for a link that is good until it is revoked.")] double? ExpiresInHours = null,
    [property: Description("ISO 8601; UTC where it has no offset.")] string? ExpiresAt = null);

/// <summary>A link as it is made: the only time that its token is shown.</summary>
/// <param name="Url">The path under which whoever has the link reads the conversation.</param>
/// <param name="ExpiresAt">Null when it is good until it is revoked.</param>
public sealed record CreatedShare(Guid Id, string Token, string Url, DateTime? ExpiresAt);

/// <param name="Shares">The links that are good now, the newest first.</param>
public sealed record ShareList(IReadOnlyList<ShareBody> Shares);

public sealed record ShareBody(Guid Id, DateTime CreatedAt, DateTime? ExpiresAt);

/// <summary>What whoever has a link is shown: as it was when the link was made.</summary>
/// <param name="NextOffset">The <c>offset</c> of the next page; null on the last one.</param>
public sealed record SharedConversation(string Title, DateTime CreatedAt, IReadOnlyList<SharedMessage> Messages, int? NextOffset);

public sealed record SharedMessage(string Role, string Content, DateTime CreatedAt);

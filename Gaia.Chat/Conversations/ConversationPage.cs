namespace Gaia.Chat.Conversations;

/// <summary>Which conversations a list has, and in which order.</summary>
/// <param name="PinnedFirst">Whether those that are pinned come before those spoken in later.</param>
/// <param name="Archived">Those alone, or those that are not; null for all.</param>
/// <param name="Limit">Null for all.</param>
internal sealed record ConversationPage(bool PinnedFirst, bool? Archived, int? Limit)
{
    /// <summary>The order; a cursor belongs to it.</summary>
    public string Name => PinnedFirst ? "pinned" : "updated";
}

/// <summary>What becomes of a conversation; null leaves a thing as it is.</summary>
internal sealed record ConversationChange(string? Title, string? Preview, bool? IsPinned = null, bool? IsArchived = null);

namespace Gaia.Chat.Conversations.Search;

/// <param name="Conversations">The best first.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for those that follow; null when these are the last.</param>
public sealed record FoundConversations(IReadOnlyList<FoundConversation> Conversations, string? NextCursor);

/// <summary>A conversation, and where in it was found what was searched for.</summary>
/// <param name="MessageId">The best message; null when only the title or the preview has it.</param>
public sealed record FoundConversation(
    Guid Id, string Title, string Preview, DateTime CreatedAt, DateTime UpdatedAt, bool IsPinned, bool IsArchived, Guid? MessageId, Snippet Snippet);

/// <summary>A piece of what was said.</summary>
/// <param name="Text">Plain text as it was written: to be encoded where it is shown.</param>
/// <param name="Matches">Which parts of it were searched for, in their order.</param>
public sealed record Snippet(string Text, IReadOnlyList<SnippetMatch> Matches)
{
    /// <summary>Marks the begin of a match in what PostgreSQL gives: a character that is taken out of the text first.</summary>
    internal const char Begin = '\uE000';

    /// <summary>Marks the end of a match.</summary>
    internal const char End = '\uE001';

    /// <summary>Takes the marks out of a text and says where they were.</summary>
    internal static Snippet OfMarked(string marked)
    {
        var text = new System.Text.StringBuilder(marked.Length);
        var matches = new List<SnippetMatch>();
        var start = -1;
        foreach (var character in marked)
        {
            if (character == Begin)
            {
                start = text.Length;
            }
            else if (character == End)
            {
                if (start >= 0 && text.Length > start)
                    matches.Add(new SnippetMatch(start, text.Length - start));
                start = -1;
            }
            else
            {
                text.Append(character);
            }
        }

        return new Snippet(text.ToString(), matches);
    }

    /// <summary>Says where a text has another one, whatever its case.</summary>
    internal static Snippet Of(string text, string sought)
    {
        var matches = new List<SnippetMatch>();
        for (var at = text.IndexOf(sought, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(sought, at + sought.Length, StringComparison.OrdinalIgnoreCase))
            matches.Add(new SnippetMatch(at, sought.Length));
        return new Snippet(text, matches);
    }
}

/// <param name="Start">In UTF-16 code units from the begin of the snippet, as JavaScript and C# count.</param>
/// <param name="Length">In UTF-16 code units.</param>
public sealed record SnippetMatch(int Start, int Length);

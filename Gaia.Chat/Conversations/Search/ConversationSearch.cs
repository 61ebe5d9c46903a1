using System.Globalization;
using System.Text;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Conversations.Search;

/// <summary>
/// Finds conversations by the words of their titles and messages, and by any part of title and preview, in one statement.
/// A conversation ranks by its best message; one whose title has the words comes before those that only speak of them.
/// </summary>
internal sealed class ConversationSearch(ChatDbContext database)
{
    private const string List = "search";

    /// <summary>Reads the cursor of a search; false for one of another list.</summary>
    public static bool TryReadCursor(string? text, out Cursor? cursor) => Cursor.TryRead(text, List, out cursor);

    /// <param name="query">
    /// Words that must all be there, the last one, where it stands alone, perhaps only begun; <c>"…"</c> for words that follow each other, <c>or</c>, and <c>-</c> for what
    /// must not be there, beside something that must.
    /// </param>
    /// <param name="after">Where the page before ended; null for the first one.</param>
    public async Task<FoundConversations> FindAsync(Guid userId, string query, int limit, Cursor? after, CancellationToken cancellationToken)
    {
        var pattern = $"%{query.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
        var begun = LastWord.MayGoOn(query);
        var scan = HasUnspacedScript(query);
        var marks = $"{Snippet.Begin}{Snippet.End}";
        var headline = $"StartSel={Snippet.Begin}, StopSel={Snippet.End}, MinWords=12, MaxWords=30, MaxFragments=2, FragmentDelimiter=\" … \"";
        // A message is cut for its snippet as it is for the index. The subquery is worked out once, before the index is asked.
        var found = await database.Database.SqlQuery<Row>($"""
            WITH wish AS MATERIALIZED (
                SELECT CASE
                    WHEN ''::tsvector @@ words THEN ''::tsquery
                    WHEN {begun} AND words::text LIKE '%''' THEN (words::text || ':*')::tsquery
                    ELSE words END AS words
                FROM websearch_to_tsquery('simple', {query}) AS words),
            own AS MATERIALIZED (
                SELECT id, title, COALESCE(preview, '') AS preview, created_at, updated_at, is_pinned, is_archived FROM conversations
                WHERE user_id = {userId} AND is_active AND memory IS NULL),
            said AS (
                SELECT DISTINCT ON (m.conversation_id) m.conversation_id, m.id, ts_rank(m.search, (SELECT words FROM wish), 32)::float8 AS rank
                FROM own JOIN chat_messages m ON m.conversation_id = own.id
                WHERE m.superseded_at IS NULL AND (m.search @@ (SELECT words FROM wish) OR ({scan} AND m.content ILIKE {pattern}))
                ORDER BY m.conversation_id, rank DESC, m.created_at DESC, m.ordinal DESC),
            ranked AS (
                SELECT own.*, said.id AS message_id, COALESCE(said.rank, 0)
                    + CASE WHEN to_tsvector('simple', own.title) @@ (SELECT words FROM wish) THEN 2 WHEN own.title ILIKE {pattern} THEN 1 ELSE 0 END::float8 AS rank
                FROM own LEFT JOIN said ON said.conversation_id = own.id
                WHERE said.id IS NOT NULL OR to_tsvector('simple', own.title) @@ (SELECT words FROM wish) OR own.title ILIKE {pattern} OR own.preview ILIKE {pattern}),
            page AS (
                SELECT * FROM ranked
                WHERE {after is null} OR (rank, updated_at, id) < ({after?.First ?? 0}, {NaiveUtc.Parameter(after?.At)}, {after?.Id ?? default})
                ORDER BY rank DESC, updated_at DESC, id DESC
                LIMIT {limit + 1})
            SELECT page.id AS "Id", page.title AS "Title", page.preview AS "Preview", page.created_at AS "CreatedAt", page.updated_at AS "UpdatedAt",
                page.is_pinned AS "IsPinned", page.is_archived AS "IsArchived", page.message_id AS "MessageId", page.rank AS "Rank",
                CASE WHEN m.search @@ (SELECT words FROM wish)
                    THEN ts_headline('simple', translate(left(m.content, 50000), {marks}, ''), (SELECT words FROM wish), {headline}) END AS "Marked",
                CASE WHEN {scan} THEN substr(m.content, GREATEST(1, strpos(lower(m.content), lower({query})) - 60), 200) END AS "Piece"
            FROM page LEFT JOIN chat_messages m ON m.id = page.message_id
            ORDER BY page.rank DESC, page.updated_at DESC, page.id DESC
            """).ToListAsync(cancellationToken);

        string? next = null;
        if (found.Count > limit)
        {
            found.RemoveAt(limit);
            next = new Cursor(List, found[^1].Rank, found[^1].UpdatedAt, found[^1].Id).ToString();
        }

        return new FoundConversations(found.ConvertAll(row => row.Show(query)), next);
    }

    /// <summary>Whether there are characters of a script that puts no spaces between words: there a word of the index is a whole sentence.</summary>
    private static bool HasUnspacedScript(string query) => query.EnumerateRunes().Any(static rune =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter
        && rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) or (>= 0x3040 and <= 0x30FF)
            or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF));

    private sealed record Row(
        Guid Id,
        string Title,
        string Preview,
        DateTime CreatedAt,
        DateTime UpdatedAt,
        bool IsPinned,
        bool IsArchived,
        Guid? MessageId,
        double Rank,
        string? Marked,
        string? Piece)
    {
        public FoundConversation Show(string query) => new(
            Id, Title, Preview, CreatedAt, UpdatedAt, IsPinned, IsArchived, MessageId,
            // Without spaces a word of the index is more than what was searched for.
            Marked is not null && Piece?.Contains(query, StringComparison.OrdinalIgnoreCase) != true ? Snippet.OfMarked(Marked) : Snippet.Of(Piece ?? Preview, query));
    }
}

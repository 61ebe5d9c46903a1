using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Gaia.Chat.Conversations.Sharing;

/// <summary>Makes, lists, revokes and opens links. A link that has expired, or whose conversation is deleted, is not there.</summary>
internal sealed class ShareStore(ChatDbContext database, TimeProvider time)
{
    private const int MaxPageBytes = 2 * 1024 * 1024;

    /// <summary>False if there is no such conversation.</summary>
    public async Task<bool> CreateAsync(Guid userId, Guid conversationId, Guid id, byte[] tokenHash, DateTime? expiresAt, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync($"""
            INSERT INTO conversation_shares (id, conversation_id, token_hash, title, shown_until, shown_ordinal, created_at, expires_at)
            SELECT {id}, c.id, {tokenHash}, c.title, GREATEST(c.updated_at, said.at), COALESCE(said.ordinal, 0), {Now()}, {NaiveUtc.Parameter(expiresAt)}
            FROM conversations c
            CROSS JOIN LATERAL (SELECT max(m.created_at) AS at, max(m.ordinal) AS ordinal FROM chat_messages m WHERE m.conversation_id = c.id) AS said
            WHERE c.id = {conversationId} AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL
            """, cancellationToken) > 0;

    /// <summary>Null if there is no such conversation.</summary>
    public async Task<IReadOnlyList<ShareBody>?> ListAsync(Guid userId, Guid conversationId, CancellationToken cancellationToken)
    {
        if (!await database.Conversations.AnyAsync(x => x.Id == conversationId && x.UserId == userId && x.IsActive && x.Memory == null, cancellationToken))
            return null;
        return await database.Database.SqlQuery<ShareBody>($"""
            SELECT id AS "Id", created_at AS "CreatedAt", expires_at AS "ExpiresAt" FROM conversation_shares
            WHERE conversation_id = {conversationId} AND (expires_at IS NULL OR expires_at > {Now()})
            ORDER BY created_at DESC, id DESC
            """).ToListAsync(cancellationToken);
    }

    /// <summary>False if there is no such link.</summary>
    public async Task<bool> RevokeAsync(Guid userId, Guid conversationId, Guid id, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync($"""
            DELETE FROM conversation_shares s USING conversations c
            WHERE s.id = {id} AND s.conversation_id = {conversationId} AND c.id = s.conversation_id
              AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL
            """, cancellationToken) > 0;

    /// <summary>
    /// A page of what a link shows: at most so many messages, and after the first no more than <see cref="MaxPageBytes"/> of text,
    /// as anybody may ask. Null if the link is good for nothing.
    /// </summary>
    public async Task<SharedConversation?> OpenAsync(byte[] tokenHash, int offset, int limit, CancellationToken cancellationToken)
    {
        var links = await database.Database.SqlQuery<Link>($"""
            SELECT s.conversation_id AS "ConversationId", s.title AS "Title", c.created_at AS "CreatedAt",
                s.shown_until AS "ShownUntil", COALESCE(s.shown_ordinal, {long.MaxValue}) AS "ShownOrdinal"
            FROM conversation_shares s JOIN conversations c ON c.id = s.conversation_id
            WHERE s.token_hash = {tokenHash} AND (s.expires_at IS NULL OR s.expires_at > {Now()}) AND c.is_active AND c.memory IS NULL
            """).ToListAsync(cancellationToken);
        if (links is not [var link])
            return null;
        var shown = await database.Database.SqlQuery<Shown>($"""
            SELECT role AS "Role", content AS "Content", created_at AS "CreatedAt", found AS "Found" FROM (
                SELECT role, content, created_at, ordinal, count(*) OVER () AS found, row_number() OVER so_far AS place, sum(octet_length(content)) OVER so_far AS bytes FROM (
                    SELECT role, content, created_at, ordinal FROM chat_messages
                    WHERE conversation_id = {link.ConversationId} AND role IN ({Message.User}, {Message.Assistant})
                      -- An answer that was made anew stands where the old one stood, and yet came later.
                      AND created_at <= {NaiveUtc.Parameter(link.ShownUntil)} AND ordinal <= {link.ShownOrdinal} AND (superseded_at IS NULL OR superseded_at > {NaiveUtc.Parameter(link.ShownUntil)})
                    ORDER BY created_at, ordinal
                    OFFSET {offset} LIMIT {limit + 1}) AS page
                WINDOW so_far AS (ORDER BY created_at, ordinal)) AS measured
            WHERE place = 1 OR (place <= {limit} AND bytes <= {MaxPageBytes})
            ORDER BY created_at, ordinal
            """).ToListAsync(cancellationToken);
        return new SharedConversation(
            link.Title,
            link.CreatedAt,
            [.. shown.Select(static message => new SharedMessage(message.Role, message.Content, message.CreatedAt))],
            shown.Count > 0 && shown.Count < shown[0].Found ? offset + shown.Count : null);
    }

    private NpgsqlParameter Now() => NaiveUtc.Parameter(time.GetNaiveUtcNow());

    /// <param name="Found">How many messages the page would have if all of them fitted, and one more where others follow.</param>
    private sealed record Shown(string Role, string Content, DateTime CreatedAt, long Found);

    private sealed record Link(Guid ConversationId, string Title, DateTime CreatedAt, DateTime ShownUntil, long ShownOrdinal);
}

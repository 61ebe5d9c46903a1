using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Conversations.Messages;

/// <summary>
/// Reads and writes the messages of conversations: a fixed few statements each, whatever the length of the conversation.
/// Messages that were replaced are not there.
/// </summary>
internal sealed class MessageStore(ChatDbContext database, IEventBus events, TimeProvider time)
{
    /// <summary>The newest messages, the oldest of them first, or all; null if there is no such conversation.</summary>
    public async Task<MessageList?> ReadAsync(Guid userId, Guid id, int? limit, CancellationToken cancellationToken) =>
        await database.Conversations.AnyAsync(x => x.Id == id && x.UserId == userId && x.IsActive && x.Memory == null, cancellationToken)
            ? await PageAsync(id, before: null, limit, cancellationToken)
            : null;

    /// <summary>The newest of the messages before one of them, or the oldest after it; null if there is no such message.</summary>
    public async Task<MessageList?> ReadAroundAsync(Guid userId, Guid id, Guid message, bool isBefore, int? limit, CancellationToken cancellationToken)
    {
        if (await database.Database.SqlQuery<Place>($"""
            SELECT m.created_at AS "At", m.ordinal AS "Ordinal" FROM chat_messages m JOIN conversations c ON c.id = m.conversation_id
            WHERE m.id = {message} AND c.id = {id} AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL
            """).ToListAsync(cancellationToken) is not [var place])
            return null;
        return isBefore ? await PageAsync(id, place, limit, cancellationToken) : await PageAfterAsync(id, place, limit, cancellationToken);
    }

    /// <summary>A message, and what the call took that made it; null if there is no such message.</summary>
    public async Task<MessageDetails?> FindAsync(Guid userId, Guid id, Guid messageId, CancellationToken cancellationToken)
    {
        if (await database.Database.SqlQuery<MessageBody>($"""
            SELECT m.id AS "Id", m.role AS "Role", m.content AS "Content", m.model AS "Model", m.provider AS "Provider", m.tokens_used AS "TokensUsed",
                m.created_at AS "CreatedAt", m.finish_reason AS "FinishReason", m.prompt_tokens AS "PromptTokens", m.completion_tokens AS "CompletionTokens"
            FROM chat_messages m JOIN conversations c ON c.id = m.conversation_id
            WHERE m.id = {messageId} AND m.superseded_at IS NULL AND c.id = {id} AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL
            """).ToListAsync(cancellationToken) is not [var message])
            return null;
        if (message.Role != Message.Assistant)
            return new MessageDetails(message, Usage: null);
        // No answer takes a day: the calls before need not be looked through. Of several that were tried the last one answered.
        var calls = await database.Database.SqlQuery<MessageUsage>($"""
            SELECT model AS "Model", provider AS "Provider", prompt_tokens AS "PromptTokens", completion_tokens AS "CompletionTokens", usage_source AS "UsageSource",
                cost_usd AS "CostUsd", duration_us / 1000.0::float8 AS "DurationMs", first_chunk_us / 1000.0::float8 AS "TimeToFirstChunkMs"
            FROM llm_calls
            WHERE user_id = {userId} AND message_id = {messageId} AND started_at >= {NaiveUtc.Parameter(message.CreatedAt.AddDays(-1))}
            ORDER BY started_at DESC
            LIMIT 1
            """).ToListAsync(cancellationToken);
        return new MessageDetails(message, calls.SingleOrDefault());
    }

    /// <summary>
    /// Adds a message. The update locks the conversation's row first, so that messages sent at once get times and ordinals in
    /// the order in which they are committed. Null if there is no such conversation.
    /// </summary>
    public async Task<MessageBody?> AddAsync(Guid userId, Guid id, NewMessage message, CancellationToken cancellationToken)
    {
        var added = (await database.Database.SqlQuery<MessageBody>($"""
            WITH touched AS (
                UPDATE conversations SET preview = {Conversation.PreviewOf(message.Content)},
                    updated_at = GREATEST({NaiveUtc.Parameter(time.GetNaiveUtcNow())}, updated_at + interval '1 microsecond')
                WHERE id = {id} AND user_id = {userId} AND is_active AND memory IS NULL
                RETURNING id, user_id, updated_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, model, provider, tokens_used, created_at)
            SELECT {Guid.CreateVersion7()}, user_id, id, {message.Role}, {message.Content}, {Sql.Text(message.Model)}, {Sql.Text(message.Provider)}, {Sql.Number(message.TokensUsed)}, updated_at
            FROM touched
            RETURNING id AS "Id", role AS "Role", content AS "Content", model AS "Model", provider AS "Provider", tokens_used AS "TokensUsed",
                created_at AS "CreatedAt", finish_reason AS "FinishReason", prompt_tokens AS "PromptTokens", completion_tokens AS "CompletionTokens"
            """).ToListAsync(cancellationToken)).SingleOrDefault();
        if (added is not null)
            Tell(ConversationEvent.Message, userId, id, added.Id);
        return added;
    }

    /// <summary>Removes all messages for good; what they cost stays counted. False if there is no such conversation.</summary>
    public async Task<bool> ClearAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var rows = await database.Database.RunAsync(
            [
                Conversation.Hold(userId, id),
                $"""
                DELETE FROM chat_messages USING conversations c
                WHERE conversation_id = c.id AND c.id = {id} AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL
                """,
                $"UPDATE conversations SET preview = '' WHERE id = {id} AND user_id = {userId} AND is_active AND memory IS NULL",
            ],
            cancellationToken);
        var cleared = rows[^1] == 1;
        if (cleared)
            Tell(ConversationEvent.Cleared, userId, id);
        return cleared;
    }

    /// <summary>The message of the user that a message answers, or that message itself; null if there is none.</summary>
    public async Task<Question?> FindQuestionAsync(Guid userId, Guid id, Guid messageId, CancellationToken cancellationToken) =>
        (await database.Database.SqlQuery<Question>($"""
            SELECT asked.id AS "Id", asked.content AS "Content", asked.created_at AS "CreatedAt", asked.ordinal AS "Ordinal",
                last.created_at AS "LastAt", last.ordinal AS "LastOrdinal", m.superseded_at IS NOT NULL AS "IsReplaced"
            FROM conversations c
            JOIN chat_messages m ON m.conversation_id = c.id
            JOIN LATERAL (
                SELECT q.id, q.content, q.created_at, q.ordinal FROM chat_messages q
                WHERE q.conversation_id = c.id AND q.role = {Message.User} AND (q.superseded_at IS NULL OR m.superseded_at IS NOT NULL)
                  AND (q.id = m.question_id OR (m.question_id IS NULL AND (q.created_at, q.ordinal) <= (m.created_at, m.ordinal)))
                ORDER BY q.created_at DESC, q.ordinal DESC
                LIMIT 1) AS asked ON true
            JOIN LATERAL (
                SELECT l.created_at, l.ordinal FROM chat_messages l WHERE l.conversation_id = c.id
                ORDER BY l.created_at DESC, l.ordinal DESC
                LIMIT 1) AS last ON true
            WHERE c.id = {id} AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL
              AND m.id = {messageId} AND m.role IN ({Message.User}, {Message.Assistant})
            """).ToListAsync(cancellationToken)).SingleOrDefault();

    private void Tell(string what, Guid userId, Guid id, Guid? messageId = null) =>
        events.Publish(new ConversationEvent(what, id, userId, time.GetUtcNow().UtcDateTime, messageId));

    private async Task<MessageList> PageAsync(Guid id, Place? before, int? limit, CancellationToken cancellationToken)
    {
        var found = await database.Database.SqlQuery<MessageBody>($"""
            SELECT id AS "Id", role AS "Role", content AS "Content", model AS "Model", provider AS "Provider", tokens_used AS "TokensUsed",
                created_at AS "CreatedAt", finish_reason AS "FinishReason", prompt_tokens AS "PromptTokens", completion_tokens AS "CompletionTokens"
            FROM chat_messages
            WHERE conversation_id = {id} AND superseded_at IS NULL
              AND ({before is null} OR (created_at, ordinal) < ({NaiveUtc.Parameter(before?.At)}, {before?.Ordinal ?? 0}))
            ORDER BY created_at DESC, ordinal DESC
            LIMIT {Sql.Number(limit + 1)}
            """).ToListAsync(cancellationToken);
        var isFirst = limit is not { } most || found.Count <= most;
        if (!isFirst)
            found.RemoveAt(found.Count - 1);
        found.Reverse();
        // Where a page ends before a message, that one is what comes after it.
        return new MessageList(found, isFirst ? null : found[0].Id, before is null || found.Count == 0 ? null : found[^1].Id);
    }

    private async Task<MessageList> PageAfterAsync(Guid id, Place after, int? limit, CancellationToken cancellationToken)
    {
        var found = await database.Database.SqlQuery<MessageBody>($"""
            SELECT id AS "Id", role AS "Role", content AS "Content", model AS "Model", provider AS "Provider", tokens_used AS "TokensUsed",
                created_at AS "CreatedAt", finish_reason AS "FinishReason", prompt_tokens AS "PromptTokens", completion_tokens AS "CompletionTokens"
            FROM chat_messages
            WHERE conversation_id = {id} AND superseded_at IS NULL AND (created_at, ordinal) > ({NaiveUtc.Parameter(after.At)}, {after.Ordinal})
            ORDER BY created_at, ordinal
            LIMIT {Sql.Number(limit + 1)}
            """).ToListAsync(cancellationToken);
        var isLast = limit is not { } most || found.Count <= most;
        if (!isLast)
            found.RemoveAt(found.Count - 1);
        return new MessageList(found, found.Count == 0 ? null : found[0].Id, isLast ? null : found[^1].Id);
    }

    /// <summary>Where a message is in its conversation.</summary>
    private sealed record Place(DateTime At, long Ordinal);
}

/// <summary>A message that a client adds.</summary>
internal sealed record NewMessage(string Role, string Content, string? Model, string? Provider, int? TokensUsed);

using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Gaia.Chat.Conversations;

/// <summary>
/// Reads and writes conversations. Each method is one statement, or a fixed few, whatever the length of the conversation.
/// A conversation that is not the caller's, or deleted, is not there.
/// </summary>
internal sealed class ConversationStore(ChatDbContext database, TimeProvider time)
{
    private static readonly Func<ChatDbContext, Guid, IAsyncEnumerable<ConversationBody>> ListQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid userId) => db.Conversations
            .Where(x => x.UserId == userId && x.IsActive)
            .OrderByDescending(x => x.UpdatedAt).ThenByDescending(x => x.Id)
            .Select(x => new ConversationBody(x.Id, x.Title, x.Preview ?? "", x.CreatedAt, x.UpdatedAt)));

    private static readonly Func<ChatDbContext, Guid, Guid, CancellationToken, Task<ConversationBody?>> FindQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid userId, Guid id, CancellationToken _) => db.Conversations
            .Where(x => x.Id == id && x.UserId == userId && x.IsActive)
            .Select(x => new ConversationBody(x.Id, x.Title, x.Preview ?? "", x.CreatedAt, x.UpdatedAt))
            .FirstOrDefault());

    private static readonly Func<ChatDbContext, Guid, IAsyncEnumerable<MessageBody>> MessagesQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid id) => db.Messages
            .Where(x => x.ConversationId == id)
            .OrderBy(x => x.CreatedAt).ThenBy(x => x.Ordinal)
            .Select(x => new MessageBody(x.Id, x.Role, x.Content, x.Model, x.Provider, x.TokensUsed, x.CreatedAt)));

    public async Task<IReadOnlyList<ConversationBody>> ListAsync(Guid userId, CancellationToken cancellationToken) =>
        await ListQuery(database, userId).ToListAsync(cancellationToken);

    public Task<ConversationBody?> FindAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        FindQuery(database, userId, id, cancellationToken);

    /// <summary>The messages in their order, or null.</summary>
    public async Task<IReadOnlyList<MessageBody>?> MessagesAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        await FindAsync(userId, id, cancellationToken) is null ? null : await MessagesQuery(database, id).ToListAsync(cancellationToken);

    public async Task<ConversationBody> CreateAsync(Guid userId, string title, CancellationToken cancellationToken)
    {
        var now = time.GetNaiveUtcNow();
        var conversation = new Conversation { Id = Guid.CreateVersion7(), UserId = userId, Title = title, CreatedAt = now, UpdatedAt = now };
        database.Add(conversation);
        await database.SaveChangesAsync(cancellationToken);
        return new ConversationBody(conversation.Id, title, "", now, now);
    }

    /// <summary>Hides the conversation; its rows stay. False if there is none.</summary>
    public async Task<bool> DeleteAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        await database.Conversations
            .Where(x => x.Id == id && x.UserId == userId && x.IsActive)
            .ExecuteUpdateAsync(set => set.SetProperty(x => x.IsActive, false), cancellationToken) > 0;

    /// <summary>Makes a conversation with the user's first message, both or none.</summary>
    public async Task BeginAsync(Guid userId, Guid id, Guid messageId, string text, CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<long>($"""
            WITH begun AS (
                INSERT INTO conversations (id, user_id, title, preview, is_active, created_at, updated_at)
                VALUES ({id}, {userId}, {Conversation.TitleOf(text)}, {Conversation.PreviewOf(text)}, true, {Now()}, {Now()})
                RETURNING id, user_id, created_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT {messageId}, user_id, id, {Message.User}, {text}, created_at FROM begun
            RETURNING ordinal AS "Value"
            """).ToListAsync(cancellationToken);

    /// <summary>
    /// Adds the user's message to a conversation. The update locks the conversation's row first, so that messages sent at
    /// once get times and ordinals in the order in which they are committed. False if there is no such conversation.
    /// </summary>
    public async Task<bool> AppendAsync(Guid userId, Guid id, Guid messageId, string text, CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<long>($"""
            WITH touched AS (
                UPDATE conversations SET preview = {Conversation.PreviewOf(text)}, updated_at = GREATEST({Now()}, updated_at + interval '1 microsecond')
                WHERE id = {id} AND user_id = {userId} AND is_active
                RETURNING id, user_id, updated_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
            SELECT {messageId}, user_id, id, {Message.User}, {text}, updated_at FROM touched
            RETURNING ordinal AS "Value"
            """).ToListAsync(cancellationToken) is [_, ..];

    /// <summary>Adds an answer, also to a conversation that was deleted while it was made: it cost what it cost.</summary>
    public async Task AppendAnswerAsync(Answer answer, CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<long>($"""
            WITH touched AS (
                UPDATE conversations SET preview = {Conversation.PreviewOf(answer.Text)}, updated_at = GREATEST({Now()}, updated_at + interval '1 microsecond')
                WHERE id = {answer.ConversationId} AND user_id = {answer.UserId}
                RETURNING id, user_id, updated_at)
            INSERT INTO chat_messages (id, user_id, conversation_id, role, content, model, provider, tokens_used,
                prompt_tokens, completion_tokens, usage_source, finish_reason, created_at)
            SELECT {answer.Id}, user_id, id, {Message.Assistant}, {answer.Text}, {answer.Model}, {answer.Provider}, {answer.PromptTokens + answer.CompletionTokens},
                {answer.PromptTokens}, {answer.CompletionTokens}, {answer.UsageSource}, {answer.FinishReason}, updated_at FROM touched
            RETURNING ordinal AS "Value"
            """).ToListAsync(cancellationToken);

    /// <summary>
    /// What was said before a message, oldest first: the newest messages that together have at most <paramref name="maxBytes"/>
    /// bytes of text. octet_length does not unpack a stored text, so a long conversation is measured without being read.
    /// </summary>
    public async Task<IReadOnlyList<Said>> HistoryAsync(Guid id, Guid beforeMessageId, int maxMessages, long maxBytes, CancellationToken cancellationToken) =>
        await database.Database.SqlQuery<Said>($"""
            SELECT role AS "Role", content AS "Content" FROM (
                SELECT role, content, created_at, ordinal,
                    sum(octet_length(content)) OVER (ORDER BY created_at DESC, ordinal DESC) AS bytes
                FROM (
                    SELECT role, content, created_at, ordinal FROM chat_messages
                    WHERE conversation_id = {id} AND role IN ({Message.User}, {Message.Assistant})
                      AND (created_at, ordinal) < (SELECT created_at, ordinal FROM chat_messages WHERE id = {beforeMessageId})
                    ORDER BY created_at DESC, ordinal DESC
                    LIMIT {maxMessages}) AS newest) AS measured
            WHERE bytes <= {maxBytes}
            ORDER BY created_at, ordinal
            """).ToListAsync(cancellationToken);

    private NpgsqlParameter Now() => new() { NpgsqlDbType = NpgsqlDbType.Timestamp, Value = time.GetNaiveUtcNow() };
}

/// <summary>A message as a model is told it.</summary>
internal sealed record Said(string Role, string Content);

/// <summary>An answer to be stored.</summary>
/// <param name="UsageSource"><c>provider</c> or <c>estimated</c>.</param>
/// <param name="FinishReason">The provider's, or <c>cancelled</c>, or <c>error</c>.</param>
internal sealed record Answer(
    Guid Id,
    Guid UserId,
    Guid ConversationId,
    string Text,
    string Model,
    string Provider,
    int PromptTokens,
    int CompletionTokens,
    string UsageSource,
    string FinishReason);

using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Gaia.Chat.Conversations;

/// <summary>
/// Reads and writes conversations. Each method is one statement, or a fixed few, whatever the length of the conversation.
/// A conversation that is not the caller's, or deleted, is not there. What was written is told to whoever shows it.
/// </summary>
internal sealed class ConversationStore(ChatDbContext database, IEventBus events, TimeProvider time)
{
    private static readonly TimeSpan BranchLimit = TimeSpan.FromSeconds(30);

    /// <summary>Copies of large conversations take seconds: these many at once leave the other connections to everybody else.</summary>
    private static readonly SemaphoreSlim Branches = new(2, 2);

    private static readonly Func<ChatDbContext, Guid, Guid, CancellationToken, Task<ConversationBody?>> FindQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid userId, Guid id, CancellationToken _) => db.Conversations
            .Where(x => x.Id == id && x.UserId == userId && x.IsActive && x.Memory == null)
            .Select(x => new ConversationBody(x.Id, x.Title, x.Preview ?? "", x.CreatedAt, x.UpdatedAt, x.IsPinned, x.IsArchived))
            .FirstOrDefault());

    /// <param name="after">Where the page before ended; null for the first one.</param>
    public async Task<ConversationList> ListAsync(Guid userId, ConversationPage page, Cursor? after, CancellationToken cancellationToken)
    {
        var found = await database.Database.SqlQuery<ConversationBody>($"""
            SELECT id AS "Id", title AS "Title", COALESCE(preview, '') AS "Preview", created_at AS "CreatedAt", updated_at AS "UpdatedAt",
                is_pinned AS "IsPinned", is_archived AS "IsArchived"
            FROM conversations
            WHERE user_id = {userId} AND is_active AND memory IS NULL AND is_archived = COALESCE({Sql.Flag(page.Archived)}, is_archived)
              AND ({after is null} OR (is_pinned AND {page.PinnedFirst}, updated_at, id) < ({after?.First > 0}, {NaiveUtc.Parameter(after?.At)}, {after?.Id ?? default}))
            ORDER BY is_pinned AND {page.PinnedFirst} DESC, updated_at DESC, id DESC
            LIMIT {Sql.Number(page.Limit + 1)}
            """).ToListAsync(cancellationToken);
        if (found.Count <= page.Limit || page.Limit is not { } limit)
            return new ConversationList(found, NextCursor: null);
        var last = found[limit - 1];
        return new ConversationList(
            found[..limit],
            new Cursor(page.Name, last.IsPinned && page.PinnedFirst ? 1 : 0, last.UpdatedAt, last.Id).ToString());
    }

    public Task<ConversationBody?> FindAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        FindQuery(database, userId, id, cancellationToken);

    public async Task<ConversationStats> CountAsync(Guid userId, CancellationToken cancellationToken) =>
        (await database.Database.SqlQuery<ConversationStats>($"""
            WITH own AS (SELECT id FROM conversations WHERE user_id = {userId} AND is_active AND memory IS NULL)
            SELECT (SELECT count(*) FROM own) AS "TotalConversations",
                (SELECT count(*) FROM chat_messages JOIN own ON own.id = conversation_id WHERE superseded_at IS NULL) AS "TotalMessages"
            """).ToListAsync(cancellationToken))[0];

    public async Task<ConversationBody> CreateAsync(Guid userId, string title, CancellationToken cancellationToken)
    {
        var now = time.GetNaiveUtcNow();
        var conversation = new Conversation { Id = Guid.CreateVersion7(), UserId = userId, Title = title, CreatedAt = now, UpdatedAt = now };
        database.Add(conversation);
        await database.SaveChangesAsync(cancellationToken);
        Tell(ConversationEvent.Created, userId, conversation.Id);
        return new ConversationBody(conversation.Id, title, "", now, now, IsPinned: false, IsArchived: false);
    }

    /// <summary>Changes what is not null, and returns what became of it; null if there is none.</summary>
    public async Task<ConversationBody?> ChangeAsync(Guid userId, Guid id, ConversationChange change, CancellationToken cancellationToken) =>
        Tell(ConversationEvent.Changed, userId, (await database.Database.SqlQuery<ConversationBody>($"""
            UPDATE conversations SET
                title = COALESCE({Sql.Text(change.Title)}, title),
                preview = COALESCE({Sql.Text(change.Preview)}, preview),
                is_pinned = COALESCE({Sql.Flag(change.IsPinned)}, is_pinned),
                is_archived = COALESCE({Sql.Flag(change.IsArchived)}, is_archived)
            WHERE id = {id} AND user_id = {userId} AND is_active AND memory IS NULL
            RETURNING id AS "Id", title AS "Title", COALESCE(preview, '') AS "Preview", created_at AS "CreatedAt", updated_at AS "UpdatedAt",
                is_pinned AS "IsPinned", is_archived AS "IsArchived"
            """).ToListAsync(cancellationToken)).SingleOrDefault());

    /// <summary>Hides the conversation; its rows stay. False if there is none.</summary>
    public async Task<bool> DeleteAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        var deleted = await database.Conversations
            .Where(x => x.Id == id && x.UserId == userId && x.IsActive && x.Memory == null)
            .ExecuteUpdateAsync(set => set.SetProperty(x => x.IsActive, false), cancellationToken) > 0;
        if (deleted)
            Tell(ConversationEvent.Deleted, userId, id);
        return deleted;
    }

    /// <summary>Shows a deleted conversation again; null if there is none.</summary>
    public async Task<ConversationBody?> RestoreAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        Tell(ConversationEvent.Restored, userId, (await database.Database.SqlQuery<ConversationBody>($"""
            UPDATE conversations SET is_active = true
            WHERE id = {id} AND user_id = {userId} AND memory IS NULL
            RETURNING id AS "Id", title AS "Title", COALESCE(preview, '') AS "Preview", created_at AS "CreatedAt", updated_at AS "UpdatedAt",
                is_pinned AS "IsPinned", is_archived AS "IsArchived"
            """).ToListAsync(cancellationToken)).SingleOrDefault());

    /// <summary>Makes a conversation with a copy of the messages up to one of them; null if there is no such message.</summary>
    /// <param name="title">Null for that of the conversation.</param>
    public async Task<ConversationBody?> BranchAsync(Guid userId, Guid id, Guid messageId, string? title, CancellationToken cancellationToken)
    {
        if (!await Branches.WaitAsync(BranchLimit, cancellationToken))
            throw new DependencyUnavailableException("chat");
        try
        {
            return await CopyAsync(userId, id, messageId, title, cancellationToken);
        }
        finally
        {
            Branches.Release();
        }
    }

    private async Task<ConversationBody?> CopyAsync(Guid userId, Guid id, Guid messageId, string? title, CancellationToken cancellationToken)
    {
        // The words of every message are sorted into the index of the search: of 2,000 long ones for some seconds.
        database.Database.SetCommandTimeout(BranchLimit);
        return Tell(ConversationEvent.Created, userId, (await database.Database.SqlQuery<ConversationBody>($"""
            WITH source AS (
                SELECT c.id, c.user_id, c.title, m.content, m.created_at, m.ordinal
                FROM conversations c JOIN chat_messages m ON m.conversation_id = c.id
                WHERE c.id = {id} AND c.user_id = {userId} AND c.is_active AND c.memory IS NULL AND m.id = {messageId} AND m.superseded_at IS NULL),
            branch AS (
                INSERT INTO conversations (id, user_id, title, preview, is_active, created_at, updated_at)
                SELECT {Guid.CreateVersion7()}, user_id, COALESCE({Sql.Text(title)}, title), left(content, {Conversation.PreviewLength}), true, {Now()}, GREATEST({Now()}, created_at)
                FROM source
                RETURNING id, user_id, title, preview, created_at, updated_at, is_pinned, is_archived),
            copied AS (
                INSERT INTO chat_messages (id, user_id, conversation_id, role, content, model, provider, tokens_used,
                    prompt_tokens, completion_tokens, usage_source, finish_reason, created_at)
                SELECT gen_random_uuid(), branch.user_id, branch.id, m.role, m.content, m.model, m.provider, m.tokens_used,
                    m.prompt_tokens, m.completion_tokens, m.usage_source, m.finish_reason, m.created_at
                FROM branch, source JOIN chat_messages m ON m.conversation_id = source.id
                WHERE m.superseded_at IS NULL AND (m.created_at, m.ordinal) <= (source.created_at, source.ordinal)
                ORDER BY m.created_at, m.ordinal)
            SELECT id AS "Id", title AS "Title", preview AS "Preview", created_at AS "CreatedAt", updated_at AS "UpdatedAt",
                is_pinned AS "IsPinned", is_archived AS "IsArchived"
            FROM branch
            """).ToListAsync(cancellationToken)).SingleOrDefault());
    }

    private ConversationBody? Tell(string what, Guid userId, ConversationBody? conversation)
    {
        if (conversation is not null)
            Tell(what, userId, conversation.Id);
        return conversation;
    }

    private void Tell(string what, Guid userId, Guid id) => events.Publish(new ConversationEvent(what, id, userId, time.GetUtcNow().UtcDateTime));

    private NpgsqlParameter Now() => NaiveUtc.Parameter(time.GetNaiveUtcNow());
}

using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Conversations;

/// <summary>
/// Reads and writes conversations. Each method is one statement, or a fixed few, whatever the length of the conversation.
/// A conversation that is not the caller's, or deleted, is not there.
/// </summary>
internal sealed class ConversationStore(ChatDbContext database, TimeProvider time)
{
    private static readonly Func<ChatDbContext, Guid, IAsyncEnumerable<ConversationBody>> ListQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid userId) => db.Conversations
            .Where(x => x.UserId == userId && x.IsActive && x.Memory == null)
            .OrderByDescending(x => x.UpdatedAt).ThenByDescending(x => x.Id)
            .Select(x => new ConversationBody(x.Id, x.Title, x.Preview ?? "", x.CreatedAt, x.UpdatedAt)));

    private static readonly Func<ChatDbContext, Guid, Guid, CancellationToken, Task<ConversationBody?>> FindQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid userId, Guid id, CancellationToken _) => db.Conversations
            .Where(x => x.Id == id && x.UserId == userId && x.IsActive && x.Memory == null)
            .Select(x => new ConversationBody(x.Id, x.Title, x.Preview ?? "", x.CreatedAt, x.UpdatedAt))
            .FirstOrDefault());

    private static readonly Func<ChatDbContext, Guid, IAsyncEnumerable<MessageBody>> MessagesQuery =
        EF.CompileAsyncQuery((ChatDbContext db, Guid id) => db.Messages
            .Where(x => x.ConversationId == id && x.SupersededAt == null)
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
            .Where(x => x.Id == id && x.UserId == userId && x.IsActive && x.Memory == null)
            .ExecuteUpdateAsync(set => set.SetProperty(x => x.IsActive, false), cancellationToken) > 0;
}

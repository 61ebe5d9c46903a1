using Gaia.Chat.Conversations;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Completions.Legacy;

/// <summary>What a user said on the routes without conversations: all of them share it.</summary>
internal sealed class UserMemory(ChatDbContext database)
{
    /// <summary>Messages of the user and of models in it.</summary>
    public Task<int> CountAsync(Guid userId, CancellationToken cancellationToken) =>
        (from message in database.Messages
         join memory in database.Conversations on message.ConversationId equals memory.Id
         where memory.UserId == userId && memory.IsActive && memory.Memory == Conversation.UserMemory
             && message.SupersededAt == null && (message.Role == Message.User || message.Role == Message.Assistant)
         select message.Id).CountAsync(cancellationToken);

    /// <summary>Forgets it; its rows stay, as those of a deleted conversation do.</summary>
    public Task ClearAsync(Guid userId, CancellationToken cancellationToken) =>
        database.Conversations
            .Where(memory => memory.UserId == userId && memory.IsActive && memory.Memory == Conversation.UserMemory)
            .ExecuteUpdateAsync(set => set.SetProperty(memory => memory.IsActive, false), cancellationToken);
}

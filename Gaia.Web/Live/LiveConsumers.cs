using Gaia.ServiceDefaults.Events;
using Gaia.Web.Sessions;

namespace Gaia.Web.Live;

/// <summary>What happens in conversations: for the pages that show the conversation, and for the lists of its user's pages.</summary>
internal sealed class LiveChatConsumer(LiveSockets sockets) : IEventConsumer<LiveEvent>
{
    public Task HandleAsync(LiveEvent value, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(value.ConversationId, out var conversation))
            return Task.CompletedTask;
        sockets.TellConversation(conversation, value);
        if (Guid.TryParse(value.UserId, out var user))
            sockets.TellUser(user, value);
        return Task.CompletedTask;
    }
}

/// <summary>What any service has to say to a user. Without one it is nobody's.</summary>
internal sealed class NotificationConsumer(LiveSockets sockets) : IEventConsumer<LiveEvent>
{
    public Task HandleAsync(LiveEvent value, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(value.UserId, out var user))
            sockets.TellUser(user, value);
        return Task.CompletedTask;
    }
}

internal sealed class LiveSessionConsumer(LiveSessions sessions) : IEventConsumer<SessionEndedEvent>
{
    public Task HandleAsync(SessionEndedEvent value, CancellationToken cancellationToken) => sessions.CheckAsync(value.SessionId, cancellationToken);
}

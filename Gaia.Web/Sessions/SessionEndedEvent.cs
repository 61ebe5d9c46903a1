using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Events;

namespace Gaia.Web.Sessions;

/// <summary>Subject <c>gaia.web.session.ended</c>: every replica forgets the session.</summary>
/// <param name="SessionId">SHA-256 of the browser's key.</param>
internal sealed record SessionEndedEvent(string SessionId, DateTime Timestamp) : IEvent<SessionEndedEvent>
{
    public const string EndedSubject = "gaia.web.session.ended";

    [JsonIgnore]
    public string Subject => EndedSubject;

    public static JsonTypeInfo<SessionEndedEvent> Json => WebJson.Default.SessionEndedEvent;
}

internal sealed class SessionEndedConsumer(SessionCache cache) : IEventConsumer<SessionEndedEvent>
{
    public Task HandleAsync(SessionEndedEvent value, CancellationToken cancellationToken)
    {
        cache.Remove(value.SessionId);
        return Task.CompletedTask;
    }
}

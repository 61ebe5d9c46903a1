using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Web.Sessions;

/// <summary>Ends the sessions whose tokens Auth has revoked: after a change of the password, a logout elsewhere, a token used twice.</summary>
internal sealed class RevokedTokensConsumer(SessionStore store) : IEventConsumer<CredentialsRevokedEvent>
{
    public Task HandleAsync(CredentialsRevokedEvent value, CancellationToken cancellationToken) => store.EndByTokensAsync(value.CredentialHashes, cancellationToken);
}

/// <summary>
/// Ends the sessions of users who may do nothing any more. Only a refresh asks Auth itself: what the gateway remembers of a token may
/// be older than the event.
/// </summary>
internal sealed partial class ChangedUsersConsumer(SessionStore store, SessionCache cache, TokenRefresher refresher, ILogger<ChangedUsersConsumer> logger) : IEventConsumer<PermissionsChangedEvent>
{
    public async Task HandleAsync(PermissionsChangedEvent value, CancellationToken cancellationToken)
    {
        foreach (var id in value.UserIds is { } users ? await store.ListAsync(users, cancellationToken) : [])
        {
            try
            {
                if (await store.ReadTokensAsync(id, cancellationToken) is { RefreshToken: not null } tokens)
                    await refresher.RefreshAsync(id, tokens, cancellationToken);
                cache.AllowRenewal(id);
            }
            catch (SignedOutException)
            {
                // That was to be seen.
            }
            catch (DependencyUnavailableException exception)
            {
                LogLater(exception.GetBaseException().Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Whether a session goes on is seen when it is used: {Reason}")]
    private partial void LogLater(string reason);
}

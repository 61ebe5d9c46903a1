using System.Collections.Concurrent;
using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Gaia.Web.Account;
using Gaia.Web.Gateway;

namespace Gaia.Web.Sessions;

/// <summary>
/// Keeps the tokens of sessions fresh. A refresh token works once, so all requests of a session that need a new pair at once share one
/// refresh; between replicas the database decides, and for a moment the gateway gives the same pair again.
/// </summary>
internal sealed class TokenRefresher(SessionStore store, GatewayTransport gateway, TimeProvider time)
{
    /// <summary>How long before its end a token is replaced: longer than a call may take to be accepted.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Lazy<Task<SessionTokens?>>> _running = new(StringComparer.Ordinal);

    /// <summary>Tokens that count for a while.</summary>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public ValueTask<SessionTokens> GetAsync(CurrentSession session, CancellationToken cancellationToken) =>
        IsFresh(session.Tokens) ? ValueTask.FromResult(session.Tokens) : new(RefreshAsync(session.Id, session.Tokens, cancellationToken));

    /// <summary>Other tokens than these, which are refused or soon will be.</summary>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<SessionTokens> RefreshAsync(string sessionId, SessionTokens stale, CancellationToken cancellationToken)
    {
        Lazy<Task<SessionTokens?>> own = null!;
        own = new Lazy<Task<SessionTokens?>>(async () =>
        {
            try
            {
                return await ExchangeAsync(sessionId, stale);
            }
            finally
            {
                _running.TryRemove(KeyValuePair.Create(sessionId, own));
            }
        });
        // Whoever leaves takes the refresh from nobody else.
        return await _running.GetOrAdd(sessionId, own).Value.WaitAsync(cancellationToken) ?? throw new SignedOutException();
    }

    /// <summary>Tokens that count for a while, of a session that is no longer kept.</summary>
    /// <exception cref="GatewayException">It has ended at the gateway, too.</exception>
    public async Task<SessionTokens> LastAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
        tokens.RefreshToken is null || IsFresh(tokens) ? tokens : await AskAsync(tokens.RefreshToken, cancellationToken);

    public Task EndAsync(string sessionId, CancellationToken cancellationToken) => store.EndAsync(sessionId, cancellationToken);

    private bool IsFresh(SessionTokens tokens) => tokens.ExpiresAt - time.GetUtcNow() > Margin;

    /// <returns>Null when the session is over.</returns>
    private async Task<SessionTokens?> ExchangeAsync(string sessionId, SessionTokens stale)
    {
        // What this replica remembers may be older than what another has got since, and an old refresh token ends the session.
        if (await store.ReadTokensAsync(sessionId, CancellationToken.None) is not { } current)
            return null;
        if (current.AccessToken != stale.AccessToken && IsFresh(current))
            return current;
        if (current.RefreshToken is null)
            return await EndAsync(sessionId);

        try
        {
            var tokens = await AskAsync(current.RefreshToken, CancellationToken.None);
            await store.RefreshAsync(sessionId, tokens, CancellationToken.None);
            return tokens;
        }
        catch (GatewayException exception) when (exception.Status is StatusCodes.Status400BadRequest or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            var latest = await store.ReadTokensAsync(sessionId, CancellationToken.None);
            return latest is not null && latest.RefreshToken != current.RefreshToken ? latest : await EndAsync(sessionId);
        }
        catch (GatewayException exception)
        {
            throw new DependencyUnavailableException("gateway", exception);
        }
    }

    private async Task<SessionTokens> AskAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var answer = await gateway.SendAsync(
            HttpMethod.Post, "/api/v1/auth/refresh", GatewayBody.Of(new RefreshBody(refreshToken), WebJson.Default.RefreshBody), null, WebJson.Default.SessionAnswer, cancellationToken);
        return answer.Session?.ToTokens() ?? throw new DependencyUnavailableException("gateway", new JsonException("The answer holds no session."));
    }

    private async Task<SessionTokens?> EndAsync(string sessionId)
    {
        await store.EndAsync(sessionId, CancellationToken.None);
        return null;
    }
}

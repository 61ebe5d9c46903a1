using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Web.Sessions;

/// <summary>
/// Sessions in PostgreSQL: the browser holds a random key, the database its hash and, sealed, who that is and the tokens. An outage is
/// an outage: it never looks like somebody who is not signed in.
/// </summary>
internal sealed partial class SessionStore(
    IServiceScopeFactory scopes, IDataProtectionProvider protection, SessionCache cache, IEventBus events, TimeProvider time, ILogger<SessionStore> logger) : ITicketStore
{
    private const int KeyBytes = 32;

    /// <summary>Where the tokens of a new session wait in the properties that it is signed in with; parameters are not part of the ticket.</summary>
    private const string TokensParameter = "tokens";

    private static readonly object FormerSession = new();

    private readonly IDataProtector _tickets = protection.CreateProtector("Gaia.Web.Sessions.Ticket.v1");
    private readonly IDataProtector _tokens = protection.CreateProtector("Gaia.Web.Sessions.Tokens.v1");

    /// <summary>What <c>SignInAsync</c> needs to begin a session with these tokens.</summary>
    public static AuthenticationProperties Begin(SessionTokens tokens)
    {
        var properties = new AuthenticationProperties { IsPersistent = true };
        properties.SetParameter(TokensParameter, tokens);
        return properties;
    }

    public async Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var tokens = ticket.Properties.GetParameter<SessionTokens>(TokensParameter) ?? throw new InvalidOperationException("A session begins with its tokens.");
        var userId = Guid.Parse(ticket.Principal.FindFirstValue(ClaimTypes.NameIdentifier)!);
        var key = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(KeyBytes));
        var (id, sealedTicket, sealedTokens, expiresAt) = (IdOf(key), Seal(ticket), Seal(tokens), ExpiryOf(ticket));
        var (tokenHash, now) = (Credential.Hash(tokens.AccessToken), time.GetUtcNow());
        await UseAsync(db => db.Database.ExecuteSqlAsync($"""
            INSERT INTO web_sessions (id, user_id, ticket, tokens, token_hash, created_at, expires_at)
            VALUES ({id}, {userId}, {sealedTicket}, {sealedTokens}, {tokenHash}, {now}, {expiresAt})
            """, cancellationToken));
        if (httpContext.Items[FormerSession] is string former)
            await EndAsync(former, cancellationToken);
        return key;
    }

    public async Task RenewAsync(string key, AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var (id, sealedTicket, expiresAt) = (IdOf(key), Seal(ticket), ExpiryOf(ticket));
        await UseAsync(db => db.Database.ExecuteSqlAsync($"""
            UPDATE web_sessions SET ticket = {sealedTicket}, expires_at = least({expiresAt}, created_at + {SessionExtensions.LongestLifetime}) WHERE id = {id}
            """, cancellationToken));
        cache.Remove(id);
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var (id, decision) = (IdOf(key), httpContext.GetEndpoint()?.Metadata.GetMetadata<SessionUse>());
        if (decision?.IsNew == true)
        {
            // Whoever signs in gets a new key: the present one may have been put into this browser by somebody else.
            httpContext.Items[FormerSession] = id;
            return null;
        }

        if (decision is { IsNew: false })
            return null;
        if (await FindAsync(id, cancellationToken) is not { } session)
            return null;
        httpContext.Features.Set(new CurrentSession(id, session.Tokens));
        // The handler writes into what it gets.
        return session.Ticket.Clone();
    }

    public Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken) => EndAsync(IdOf(key), cancellationToken);

    /// <summary>The tokens as they are in the database now; null when the session has ended.</summary>
    public async Task<SessionTokens?> ReadTokensAsync(string id, CancellationToken cancellationToken) =>
        (await ReadAsync(id, cancellationToken))?.Tokens;

    /// <summary>Puts new tokens, and what is known of the user now, in the place of the former.</summary>
    public async Task RefreshAsync(string id, SessionTokens tokens, CancellationToken cancellationToken)
    {
        var (sealedTokens, tokenHash) = (Seal(tokens), Credential.Hash(tokens.AccessToken));
        await UseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE web_sessions SET tokens = {sealedTokens}, token_hash = {tokenHash} WHERE id = {id}", cancellationToken));
        cache.Remove(id);
    }

    /// <summary>Has the session of this request say something else of its user from now on.</summary>
    public async Task ChangeUserAsync(string id, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await ReadAsync(id, cancellationToken) is not { } session || IsSame(session.Ticket.Principal, user))
            return;
        var sealedTicket = Seal(new AuthenticationTicket(user, session.Ticket.Properties, session.Ticket.AuthenticationScheme));
        await UseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE web_sessions SET ticket = {sealedTicket} WHERE id = {id}", cancellationToken));
        Forget(id);
    }

    public async Task EndAsync(string id, CancellationToken cancellationToken)
    {
        await UseAsync(db => db.Database.ExecuteSqlAsync($"DELETE FROM web_sessions WHERE id = {id}", cancellationToken));
        Forget(id);
    }

    /// <summary>Ends the sessions with these access tokens.</summary>
    /// <param name="hashes">SHA-256 of the tokens in lower-case hex.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task EndByTokensAsync(IReadOnlyList<string> hashes, CancellationToken cancellationToken)
    {
        var ended = await UseAsync(db => db.Database.SqlQuery<string>($"DELETE FROM web_sessions WHERE token_hash = ANY({hashes.ToArray()}) RETURNING id").ToListAsync(cancellationToken));
        ended.ForEach(Forget);
    }

    /// <summary>The ids of these users' sessions.</summary>
    public Task<List<string>> ListAsync(IReadOnlyList<Guid> userIds, CancellationToken cancellationToken) =>
        UseAsync(db => db.Sessions.Where(session => userIds.Contains(session.UserId)).Select(session => session.Id).ToListAsync(cancellationToken));

    /// <summary>Which of these sessions go on.</summary>
    public Task<List<string>> ListOpenAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return UseAsync(db => db.Sessions.Where(session => ids.Contains(session.Id) && session.ExpiresAt > now).Select(session => session.Id).ToListAsync(cancellationToken));
    }

    Task<string> ITicketStore.StoreAsync(AuthenticationTicket ticket) => throw NeedsRequest();

    Task ITicketStore.RenewAsync(string key, AuthenticationTicket ticket) => throw NeedsRequest();

    Task<AuthenticationTicket?> ITicketStore.RetrieveAsync(string key) => throw NeedsRequest();

    Task ITicketStore.RemoveAsync(string key) => EndAsync(IdOf(key), CancellationToken.None);

    internal static string IdOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private async Task<OpenSession?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (cache.Find(id) is not { } session)
        {
            var version = cache.Version;
            session = await ReadAsync(id, cancellationToken);
            if (session is not null)
                cache.Set(id, session, version);
        }

        return session?.ExpiresAt > time.GetUtcNow() ? session : null;
    }

    private async Task<OpenSession?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = await UseAsync(db => db.Sessions.SingleOrDefaultAsync(session => session.Id == id && session.ExpiresAt > now, cancellationToken));
        if (row is null)
            return null;
        try
        {
            var tokens = JsonSerializer.Deserialize(_tokens.Unprotect(row.Tokens), WebJson.Default.SessionTokens);
            return TicketSerializer.Default.Deserialize(_tickets.Unprotect(row.Ticket)) is { } ticket && tokens is not null
                ? new OpenSession(ticket, tokens, row.ExpiresAt)
                : null;
        }
        catch (CryptographicException exception)
        {
            LogSealedOtherwise(exception);
            return null;
        }
    }

    private void Forget(string id)
    {
        cache.Remove(id);
        events.Publish(new SessionEndedEvent(id, time.GetUtcNow().UtcDateTime));
    }

    private static bool IsSame(ClaimsPrincipal one, ClaimsPrincipal other) => Describe(one).SetEquals(Describe(other));

    private static HashSet<(string Type, string Value)> Describe(ClaimsPrincipal user) => [.. user.Claims.Select(static claim => (claim.Type, claim.Value))];

    private byte[] Seal(AuthenticationTicket ticket) => _tickets.Protect(TicketSerializer.Default.Serialize(ticket));

    private byte[] Seal(SessionTokens tokens) => _tokens.Protect(JsonSerializer.SerializeToUtf8Bytes(tokens, WebJson.Default.SessionTokens));

    private DateTimeOffset ExpiryOf(AuthenticationTicket ticket) => (ticket.Properties.ExpiresUtc ?? time.GetUtcNow() + SessionExtensions.Lifetime).ToUniversalTime();

    private async Task<T> UseAsync<T>(Func<WebDbContext, Task<T>> use)
    {
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            return await use(scope.ServiceProvider.GetRequiredService<WebDbContext>());
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            throw new DependencyUnavailableException("database", exception);
        }
    }

    private static NotSupportedException NeedsRequest() => new("A session belongs to a request.");

    [LoggerMessage(LogLevel.Warning, "A session was sealed with a key that is not in the ring: its person has to sign in again")]
    private partial void LogSealedOtherwise(Exception exception);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gaia.Auth.Audit;
using Gaia.Auth.Tokens;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Sessions;

/// <summary>
/// Sessions and their tokens. A refresh token works once and gives the next. Who uses one again ends the session, for then two
/// have it: except the last one within a few seconds, which gives the same next token again, to a client that lost the answer
/// or asked twice at once. The next token follows from the one before and a secret of ours, so that it need not be stored for that.
/// </summary>
internal sealed class SessionStore(
    AuthDbContext db,
    AccessTokenIssuer tokens,
    RefreshTokenChain chain,
    Revocation revocation,
    AuditLog audit,
    IOptions<AccountOptions> options,
    TimeProvider time)
{
    /// <summary>Begins a session; it counts once the caller has saved.</summary>
    public GoTrueSession Begin(GoTrueUser user, string? address)
    {
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            Address = address,
            CreatedAt = now,
            ExpiresAt = now + options.Value.RefreshTokenLifetime,
        };
        db.Sessions.Add(session);
        var refreshToken = RefreshTokenChain.First();
        AddRefreshToken(session.Id, refreshToken, now);
        return AddAccessToken(user, session.Id, refreshToken);
    }

    /// <summary>The next pair of tokens, for as long as the session lives.</summary>
    public async Task<Outcome<GoTrueSession>> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hash = Credential.Hash(refreshToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // One refresh of a session at a time.
        var session = (await db.Sessions.FromSql($"""
            SELECT s.* FROM auth_sessions s JOIN auth_refresh_tokens t ON t.session_id = s.id WHERE t.token_hash = {hash} FOR UPDATE OF s
            """).AsTracking().ToListAsync(cancellationToken)).SingleOrDefault();
        if (session is null)
            return Refuse("Invalid Refresh Token: Refresh Token Not Found");
        if (session.RevokedAt is not null)
            return Refuse("Invalid Refresh Token: Session Not Found");
        var current = await db.RefreshTokens.AsTracking().SingleAsync(token => token.TokenHash == hash, cancellationToken);
        if (current.ExpiresAt <= now)
            return Refuse("Invalid Refresh Token: Session Expired");

        var next = chain.After(refreshToken);
        if (current.UsedAt is null)
        {
            current.UsedAt = now;
            AddRefreshToken(session.Id, next, now);
            session.ExpiresAt = now + options.Value.RefreshTokenLifetime;
        }
        else if (now - current.UsedAt > options.Value.RefreshGrace || !await IsUnusedAsync(next, cancellationToken))
        {
            await EndAsync(session, "reuse", cancellationToken);
            await audit.AddAsync(AuditEvents.SessionRevoked, session.UserId, session.UserId, "session", session.Id.ToString(), new() { ["reason"] = "refresh token used again" });
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            await AnnounceAsync([session.Id], "reuse", cancellationToken);
            return Refuse("Invalid Refresh Token: Already Used");
        }

        var account = await db.Accounts.SingleOrDefaultAsync(row => row.UserId == session.UserId, cancellationToken);
        if (account is null)
            return Refuse("Invalid Refresh Token: User Not Found");
        if (options.Value.RequireConfirmedEmail && account.EmailConfirmedAt is null)
            return Refuse("Email not confirmed");
        if (await UserProvisioning.IsDisabledAsync(db, session.UserId, cancellationToken))
            return Refuse("User is banned");
        var name = await db.Users.Where(user => user.Id == session.UserId).Select(user => user.Name).SingleAsync(cancellationToken);
        var answer = AddAccessToken(GoTrueUser.Of(account, name), session.Id, next);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return answer;

        static Refusal Refuse(string reason) => Refusal.Bad($"Token refresh failed: {reason}");
    }

    /// <summary>Ends a session: every service refuses its tokens within a second.</summary>
    /// <returns>Whose it was; null when there is no such session, or it has ended before.</returns>
    public async Task<Guid?> EndAsync(Guid sessionId, string reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ended = await db.Database.SqlQuery<Guid>($"""
            UPDATE auth_sessions SET revoked_at = {now}, revoked_because = {reason} WHERE id = {sessionId} AND revoked_at IS NULL RETURNING user_id
            """).ToListAsync(cancellationToken);
        // Again, too, when it had ended: the announcement may not have come that far.
        await AnnounceAsync([sessionId], reason, cancellationToken);
        return ended is [var userId] ? userId : null;
    }

    /// <summary>Ends all sessions of a user, in the caller's transaction. Once that is committed they have to be announced.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="reason">Why, in a word of ours.</param>
    /// <param name="except">The one that goes on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Those that had not ended before.</returns>
    public async Task<IReadOnlyList<Guid>> EndAllAsync(Guid userId, string reason, Guid? except, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<Guid>($"""
            UPDATE auth_sessions SET revoked_at = {time.GetUtcNow()}, revoked_because = {reason}
            WHERE user_id = {userId} AND id <> {except ?? Guid.Empty} AND revoked_at IS NULL RETURNING id
            """).ToListAsync(cancellationToken);

    /// <summary>Makes every cache forget the tokens of these sessions.</summary>
    public async Task AnnounceAsync(IReadOnlyList<Guid> sessionIds, string reason, CancellationToken cancellationToken)
    {
        if (sessionIds.Count == 0)
            return;
        var now = time.GetUtcNow();
        var hashes = await db.AccessTokens.Where(token => token.SessionId != null && sessionIds.Contains(token.SessionId.Value) && token.ExpiresAt > now)
            .Select(token => token.TokenHash).ToListAsync(cancellationToken);
        await revocation.AnnounceAsync(hashes, reason);
    }

    private async Task EndAsync(Session session, string reason, CancellationToken cancellationToken)
    {
        session.RevokedAt = time.GetUtcNow();
        session.RevokedBecause = reason;
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<bool> IsUnusedAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var hash = Credential.Hash(refreshToken);
        return await db.RefreshTokens.AnyAsync(token => token.TokenHash == hash && token.UsedAt == null, cancellationToken);
    }

    private void AddRefreshToken(Guid sessionId, string value, DateTimeOffset now) => db.RefreshTokens.Add(new RefreshToken
    {
        TokenHash = Credential.Hash(value),
        SessionId = sessionId,
        CreatedAt = now,
        ExpiresAt = now + options.Value.RefreshTokenLifetime,
    });

    private GoTrueSession AddAccessToken(GoTrueUser user, Guid sessionId, string refreshToken)
    {
        var access = tokens.Issue(user, sessionId);
        db.AccessTokens.Add(access.Row);
        return new GoTrueSession(
            null, null, access.Value, refreshToken, (int)options.Value.AccessTokenLifetime.TotalSeconds, access.Row.ExpiresAt.ToUnixTimeSeconds(), "bearer", user);
    }
}

/// <summary>Makes refresh tokens: the first at random, each further one from the one before.</summary>
internal sealed class RefreshTokenChain(IOptions<AuthOptions> options)
{
    private const int Length = 32;

    private readonly byte[] _secret = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, options.Value.EncryptionKeyBytes(), HMACSHA256.HashSizeInBytes, info: "gaia refresh tokens"u8.ToArray());

    public static string First() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(Length));

    public string After(string refreshToken) => Base64UrlEncoder.Encode(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(refreshToken)));
}

/// <param name="OriginalAuthType">What the token was given for.</param>
internal sealed record ApiKeyTokenMetadata(string AuthSource, string OriginalAuthType);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.SnakeCaseLower)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ApiKeyTokenMetadata))]
internal sealed partial class SessionJson : System.Text.Json.Serialization.JsonSerializerContext;

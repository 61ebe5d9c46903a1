using Gaia.Auth.Sessions;
using Gaia.Auth.Tokens;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Supabase;

/// <summary>
/// What is known here of the project's sessions: enough to refuse every token of one that was logged out here, though the token's
/// signature goes on counting.
/// </summary>
internal sealed class SupabaseSessions(AuthDbContext db, UserProvisioning users, GoTrueClient project, Revocation revocation, TimeProvider time)
{
    /// <summary>The longest that a project may let a token live: so long a session that was logged out is remembered.</summary>
    internal static readonly TimeSpan LongestToken = TimeSpan.FromDays(8);

    /// <summary>Who a genuine token stands for. The user is made on first use; each token is written down once.</summary>
    /// <returns>Null when the token's session was logged out here.</returns>
    /// <exception cref="DependencyUnavailableException">The project has to be asked, and does not answer.</exception>
    public async Task<VerifiedUser?> AdmitAsync(string token, SupabaseToken genuine, CancellationToken cancellationToken)
    {
        var hash = Credential.Hash(token);
        if (await FindAsync(genuine, hash, cancellationToken) is not { } found)
        {
            await users.ProvisionAsync(
                UserProvisioning.Supabase, genuine.Subject, genuine.Email, genuine.Name, cancellation => project.IsEmailConfirmedAsync(token, genuine.Email!, cancellation), cancellationToken);
            found = await FindAsync(genuine, hash, cancellationToken) ?? throw new InvalidOperationException("A user that was just made is gone.");
        }

        if (!found.IsKnown)
        {
            // First written down, then looked at again: whoever logs the session out meanwhile finds the token, or this finds the logout.
            await NoteAsync(hash, found.UserId, genuine, cancellationToken);
            found = await FindAsync(genuine, hash, cancellationToken) ?? found;
        }

        return found.IsRevoked ? null : new VerifiedUser(found.UserId, EmailAddress.Known(found.Email), genuine.SessionId, genuine.ExpiresAt);
    }

    /// <summary>Refuses every token of the session from now on.</summary>
    /// <returns>Whose session it is; null when nobody has used it here.</returns>
    public async Task<Guid?> EndAsync(string token, SupabaseToken genuine, CancellationToken cancellationToken)
    {
        var hash = Credential.Hash(token);
        if (await FindAsync(genuine, hash, cancellationToken) is not { } found)
            return null;
        var now = time.GetUtcNow();
        await NoteAsync(hash, found.UserId, genuine, cancellationToken);
        await db.Database.ExecuteSqlAsync($"""
            UPDATE auth_sessions SET revoked_at = coalesce(revoked_at, {now}), revoked_because = 'logout', expires_at = greatest(expires_at, {now + LongestToken})
            WHERE id = {genuine.SessionId} AND user_id = {found.UserId}
            """, cancellationToken);
        await db.AccessTokens.Where(row => row.TokenHash == hash).ExecuteUpdateAsync(row => row.SetProperty(token => token.RevokedAt, now), cancellationToken);
        var hashes = await db.AccessTokens.Where(row => row.TokenHash == hash || (row.SessionId != null && row.SessionId == genuine.SessionId))
            .Select(row => row.TokenHash).ToListAsync(cancellationToken);
        await revocation.AnnounceAsync(hashes, "logout");
        return found.UserId;
    }

    private async Task<Found?> FindAsync(SupabaseToken genuine, string hash, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<Found>($"""
            SELECT i.user_id AS "UserId", u.email AS "Email", t.token_hash IS NOT NULL AS "IsKnown",
                t.revoked_at IS NOT NULL OR s.revoked_at IS NOT NULL OR u.disabled_at IS NOT NULL AS "IsRevoked"
            FROM auth_identities i
            JOIN users u ON u.id = i.user_id
            LEFT JOIN auth_access_tokens t ON t.token_hash = {hash}
            LEFT JOIN auth_sessions s ON s.id = {genuine.SessionId}
            WHERE i.provider = {UserProvisioning.Supabase} AND i.subject = {genuine.Subject.ToString()}
            """).ToListAsync(cancellationToken)).SingleOrDefault();

    private Task<int> NoteAsync(string hash, Guid userId, SupabaseToken genuine, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.Database.ExecuteSqlAsync($"""
            WITH session AS (
                INSERT INTO auth_sessions (id, user_id, created_at, expires_at)
                SELECT id, {userId}, {now}, {genuine.ExpiresAt} FROM (VALUES ({genuine.SessionId}::uuid)) AS given (id) WHERE id IS NOT NULL
                ON CONFLICT (id) DO UPDATE SET expires_at = greatest(auth_sessions.expires_at, excluded.expires_at)
            )
            INSERT INTO auth_access_tokens (token_hash, user_id, session_id, expires_at) VALUES ({hash}, {userId}, {genuine.SessionId}, {genuine.ExpiresAt})
            ON CONFLICT DO NOTHING
            """, cancellationToken);
    }

    private sealed record Found(Guid UserId, string Email, bool IsKnown, bool IsRevoked);
}

using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Users;

/// <summary>
/// Gives a subject of another issuer its row of <c>users</c>, on its first use, with the subject's id. A row that has the subject's
/// address already becomes its own only when the issuer says that the address is confirmed and nothing else stands on that row: no
/// password account, no other subject, no API key, no role beyond <c>user</c>. Otherwise the two stay apart, and the new row
/// has no address.
/// </summary>
internal sealed partial class UserProvisioning(AuthDbContext db, TimeProvider time, ILogger<UserProvisioning> logger)
{
    internal const string Supabase = "supabase";

    private const string CommonRole = "user";

    /// <param name="provider">Who vouches for the subject.</param>
    /// <param name="subject">The subject's id there.</param>
    /// <param name="email">Its address in normal form, where it has one.</param>
    /// <param name="name">How it is called.</param>
    /// <param name="isConfirmed">Asks the issuer whether the address is confirmed; only called when it matters.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Guid> ProvisionAsync(
        string provider, Guid subject, string? email, string? name, Func<CancellationToken, Task<bool>> isConfirmed, CancellationToken cancellationToken)
    {
        var key = subject.ToString();
        if (await FindAsync(provider, key, cancellationToken) is { } found)
            return found;

        // Asked before the transaction: it may take a while.
        var mayLink = email is not null
            && await FindByEmailAsync(email, cancellationToken) is { } holder && holder != subject
            && await IsBareAsync(holder, cancellationToken)
            && await isConfirmed(cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(db, email ?? key, cancellationToken);
        if (await FindAsync(provider, key, cancellationToken) is { } already)
            return already;

        var userId = subject;
        if (!await db.Users.AnyAsync(user => user.Id == subject, cancellationToken))
        {
            var other = email is null ? null : await FindByEmailAsync(email, cancellationToken);
            if (other is { } row && mayLink && await IsBareAsync(row, cancellationToken))
                userId = row;
            else
                await InsertAsync(subject, other is null && email is not null ? email : EmailAddress.Nowhere(subject), name, cancellationToken);
        }

        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO auth_identities (provider, subject, user_id, created_at) VALUES ({provider}, {key}, {userId}, {time.GetUtcNow()}) ON CONFLICT DO NOTHING
            """, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogProvisioned(provider, userId, userId == subject ? "new" : "linked");
        return userId;
    }

    /// <summary>Lets one at a time decide whose an address is. Held until the transaction ends.</summary>
    public static Task LockAsync(AuthDbContext db, string email, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({"gaia email " + email}, 0))", cancellationToken);

    /// <summary>Whose address this is, in whatever case it is written there.</summary>
    public static async Task<Guid?> FindByEmailAsync(AuthDbContext db, string email, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<Guid>($"""
            SELECT id FROM users WHERE lower(email COLLATE "C") = {email} ORDER BY email <> {email}, created_at, id LIMIT 1
            """).ToListAsync(cancellationToken)) is [var id] ? id : null;

    /// <summary>Whether an administrator keeps the user out.</summary>
    public static async Task<bool> IsDisabledAsync(AuthDbContext db, Guid userId, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<bool>($"SELECT disabled_at IS NOT NULL FROM users WHERE id = {userId}").ToListAsync(cancellationToken)) is [true];

    private Task<Guid?> FindAsync(string provider, string subject, CancellationToken cancellationToken) =>
        db.Identities.Where(row => row.Provider == provider && row.Subject == subject).Select(row => (Guid?)row.UserId).SingleOrDefaultAsync(cancellationToken);

    private Task<Guid?> FindByEmailAsync(string email, CancellationToken cancellationToken) => FindByEmailAsync(db, email, cancellationToken);

    private Task<int> InsertAsync(Guid id, string email, string? name, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"INSERT INTO users (id, email, name) VALUES ({id}, {email}, {name}) ON CONFLICT DO NOTHING", cancellationToken);

    /// <summary>Whether nobody has a way in to this row.</summary>
    private async Task<bool> IsBareAsync(Guid userId, CancellationToken cancellationToken)
    {
        if (await db.Accounts.AnyAsync(row => row.UserId == userId, cancellationToken)
            || await db.Identities.AnyAsync(row => row.UserId == userId, cancellationToken)
            || await db.ApiKeys.AnyAsync(row => row.UserId == userId, cancellationToken))
        {
            return false;
        }

        return (await db.Database.SqlQuery<bool>($"""
            SELECT NOT EXISTS (
                SELECT FROM user_roles assigned JOIN roles role ON role.id = assigned.role_id
                WHERE assigned.user_id = {userId} AND role.name <> {CommonRole})
            """).ToListAsync(cancellationToken)) is [true];
    }

    [LoggerMessage(LogLevel.Information, "A subject of {Provider} is user {UserId} from now on ({How})")]
    private partial void LogProvisioned(string provider, Guid userId, string how);
}

using System.Text.Json;
using Gaia.Auth.Audit;
using Gaia.Auth.Mail;
using Gaia.Auth.Sessions;
using Gaia.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Users;

/// <summary>Users who live in Gaia's own tables.</summary>
internal sealed class OwnUsers(
    AuthDbContext db,
    Passwords passwords,
    LoginGuard guard,
    Confirmations confirmations,
    SessionStore sessions,
    AccessTokenVerifier tokens,
    AuditLog audit,
    MailBell bell,
    IOptions<AccountOptions> options,
    TimeProvider time) : IUserDirectory
{
    /// <summary>
    /// Makes the account and, for an address that nobody had, its user. Where a user had the address before, without a password, the
    /// account signs nobody in until whoever reads that mailbox has confirmed it.
    /// </summary>
    public async Task<Outcome<SignedIn>> RegisterAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        if (await FindAsync(email, cancellationToken) is { UserId: not null })
            return Refusal.Bad(AuthTexts.AlreadyRegistered);
        var hash = await passwords.HashAsync(password, cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await UserProvisioning.LockAsync(db, email, cancellationToken);
        var account = await db.Accounts.AsTracking().SingleOrDefaultAsync(row => row.Email == email, cancellationToken);
        if (account is { UserId: not null })
            return Refusal.Bad(AuthTexts.AlreadyRegistered);
        account ??= await AddAsync(email, hash, cancellationToken);
        if (!await confirmations.TrySendAsync(account, hash, cancellationToken))
            return Refusal.Bad(AuthTexts.TooManyRegistrations);
        var signsIn = account.UserId is not null && !options.Value.RequireConfirmedEmail;
        var answer = signsIn ? SignIn(account, null, address) : new SignedIn(account.UserId, Write(GoTrueUser.Of(account, null)), null);
        await audit.AddAsync(AuditEvents.Registered, account.UserId, account.UserId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        bell.Ring();
        return answer;
    }

    public async Task<Outcome<SignedIn>> LoginAsync(string email, string password, string? address, CancellationToken cancellationToken)
    {
        var account = await FindAsync(email, cancellationToken);
        var isAtHome = address is not null && account?.UserId is { } known
            && await db.Sessions.AnyAsync(session => session.UserId == known && session.Address == address, cancellationToken);
        var (attempt, wait) = await guard.BeginAsync(email, address, isAtHome, cancellationToken);
        if (attempt is null)
            return LoginGuard.Refuse(wait);

        var result = await passwords.VerifyAsync(account?.PasswordHash, password, cancellationToken);
        if (account is null || result == PasswordVerificationResult.Failed)
            return Refusal.Bad(AuthTexts.InvalidLogin);
        await guard.SucceedAsync(attempt, cancellationToken);
        if (account.UserId is not { } userId || (options.Value.RequireConfirmedEmail && account.EmailConfirmedAt is null))
            return Refusal.Bad(AuthTexts.UnconfirmedLogin);
        if (await UserProvisioning.IsDisabledAsync(db, userId, cancellationToken))
            return Refusal.Bad(AuthTexts.DisabledLogin);

        var now = time.GetUtcNow();
        account.LastSignInAt = now;
        account.UpdatedAt = now;
        if (result == PasswordVerificationResult.SuccessRehashNeeded)
            account.PasswordHash = await passwords.HashAsync(password, cancellationToken);
        db.Attach(account);
        db.Entry(account).Property(row => row.LastSignInAt).IsModified = true;
        db.Entry(account).Property(row => row.UpdatedAt).IsModified = true;
        db.Entry(account).Property(row => row.PasswordHash).IsModified = result == PasswordVerificationResult.SuccessRehashNeeded;
        var name = await db.Users.Where(user => user.Id == userId).Select(user => user.Name).SingleAsync(cancellationToken);
        var answer = SignIn(account, name, address);
        await db.SaveChangesAsync(cancellationToken);
        return answer;
    }

    public async Task<Outcome<SignedIn>> RefreshAsync(string refreshToken, CancellationToken cancellationToken) =>
        (await sessions.RefreshAsync(refreshToken, cancellationToken)).IsRefused(out var refusal, out var session) ? refusal : Write(session);

    public async Task<Guid?> LogoutAsync(string accessToken, CancellationToken cancellationToken) =>
        await tokens.FindOwnSessionAsync(accessToken) is { } session ? await sessions.EndAsync(session, "logout", cancellationToken) : null;

    public Task<Outcome<UserDocument>> ConfirmAsync(string token, string email, CancellationToken cancellationToken) =>
        confirmations.ConfirmAsync(token, email, cancellationToken);

    public async Task<Outcome<JsonElement>> ResendAsync(string email, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.Accounts.AsTracking().SingleOrDefaultAsync(row => row.Email == email, cancellationToken);
        if (account is null)
            return Refusal.Bad(AuthTexts.UnknownEmail);
        if (account.EmailConfirmedAt is not null)
            return Refusal.Bad($"Failed to resend verification email: {AuthTexts.AlreadyConfirmed}");
        if (!await confirmations.TrySendAsync(account, await confirmations.LatestPasswordAsync(account, cancellationToken), cancellationToken))
            return Refusal.Bad(AuthTexts.TooManyMails);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        bell.Ring();
        return JsonSerializer.SerializeToElement(new Dictionary<string, string>(), GoTrueJson.Default.DictionaryStringString);
    }

    public async Task<Refusal?> ChangePasswordAsync(
        Caller caller, string? accessToken, string current, string password, string? address, CancellationToken cancellationToken)
    {
        if (await db.Accounts.SingleOrDefaultAsync(row => row.UserId == caller.UserId, cancellationToken) is not { } account)
            return Refusal.Bad(AuthTexts.NoPassword);
        // Whoever found an open browser must not find out the password in it.
        var (attempt, wait) = await guard.BeginAsync(account.Email, address, isAtHome: true, cancellationToken);
        if (attempt is null)
            return LoginGuard.Refuse(wait);
        if (await passwords.VerifyAsync(account.PasswordHash, current, cancellationToken) == PasswordVerificationResult.Failed)
            return Refusal.Bad(AuthTexts.WrongPassword);
        await guard.SucceedAsync(attempt, cancellationToken);
        var hash = await passwords.HashAsync(password, cancellationToken);

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var changed = await db.Accounts.Where(row => row.Id == account.Id && row.PasswordHash == account.PasswordHash).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.PasswordHash, hash).SetProperty(row => row.UpdatedAt, time.GetUtcNow()), cancellationToken);
        if (changed == 0)
            return Refusal.Bad(AuthTexts.WrongPassword);
        var ended = await sessions.EndAllAsync(caller.UserId, "password", caller.SessionId, cancellationToken);
        await audit.AddAsync(AuditEvents.PasswordChanged, caller.UserId, caller.UserId);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await sessions.AnnounceAsync(ended, "password", cancellationToken);
        return null;
    }

    private Task<Account?> FindAsync(string email, CancellationToken cancellationToken) =>
        db.Accounts.SingleOrDefaultAsync(row => row.Email == email, cancellationToken);

    private async Task<Account> AddAsync(string email, string hash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.NewGuid();
        var isFree = await UserProvisioning.FindByEmailAsync(db, email, cancellationToken) is null;
        var account = new Account { Id = id, UserId = isFree ? id : null, Email = email, PasswordHash = hash, CreatedAt = now, UpdatedAt = now };
        if (isFree)
            db.Users.Add(new User { Id = id, Email = email });
        db.Accounts.Add(account);
        return account;
    }

    private SignedIn SignIn(Account account, string? name, string? address)
    {
        account.LastSignInAt = time.GetUtcNow();
        return Write(sessions.Begin(GoTrueUser.Of(account, name), address));
    }

    private static SignedIn Write(GoTrueSession session) =>
        new(session.User.Id, Write(session.User), JsonSerializer.SerializeToElement(session, GoTrueJson.Default.GoTrueSession));

    private static JsonElement Write(GoTrueUser user) => JsonSerializer.SerializeToElement(user, GoTrueJson.Default.GoTrueUser);
}

using System.Security.Cryptography;
using System.Text.Json;
using Gaia.Auth.Audit;
using Gaia.Auth.Mail;
using Gaia.Auth.Sessions;
using Gaia.ServiceDefaults.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Users;

/// <summary>Asks by mail whether an address is somebody's own.</summary>
internal sealed class Confirmations(
    AuthDbContext db,
    Throttle throttle,
    SessionStore sessions,
    AuditLog audit,
    IOptions<AccountOptions> options,
    IOptions<ThrottleOptions> limits,
    TimeProvider time)
{
    private const int TokenLength = 32;
    private const string TakenOver = "address confirmed";

    /// <summary>Puts a mail with a link into the outbox; the caller saves it, with the account, in one transaction, and then rings the sender.</summary>
    /// <param name="account">Whose address.</param>
    /// <param name="passwordHash">The password that counts once this mail is confirmed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when the last mail to this address was sent a moment ago.</returns>
    public async Task<bool> TrySendAsync(Account account, string passwordHash, CancellationToken cancellationToken)
    {
        if (await throttle.TryTakeAsync($"mail to {Credential.Hash(account.Email)}", limits.Value.Mail, cancellationToken) is not null)
            return false;
        var now = time.GetUtcNow();
        var token = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(TokenLength));
        account.ConfirmationSentAt = now;
        db.Confirmations.Add(new Confirmation
        {
            TokenHash = Credential.Hash(token),
            AccountId = account.Id,
            PasswordHash = passwordHash,
            CreatedAt = now,
            ExpiresAt = now + options.Value.ConfirmationLifetime,
        });
        db.Outbox.Add(ConfirmationMail.Write(account.Email, token, takesOver: account.UserId is null, options.Value, now));
        return true;
    }

    /// <summary>The password that was given with the last mail.</summary>
    public async Task<string> LatestPasswordAsync(Account account, CancellationToken cancellationToken) =>
        account.UserId is not null
            ? account.PasswordHash
            : await db.Confirmations.Where(row => row.AccountId == account.Id).OrderByDescending(row => row.CreatedAt)
                .Select(row => row.PasswordHash).FirstOrDefaultAsync(cancellationToken) ?? account.PasswordHash;

    /// <summary>
    /// Confirms an address. An account that waited for it now signs in the user who had the address before, with the password that
    /// was given for this very mail. Who was signed in as that user before need not be whoever reads the mail, and is signed out.
    /// </summary>
    public async Task<Outcome<UserDocument>> ConfirmAsync(string token, string email, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hash = Credential.Hash(token);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await UserProvisioning.LockAsync(db, email, cancellationToken);
        var confirmation = await db.Confirmations.AsTracking().SingleOrDefaultAsync(row => row.TokenHash == hash, cancellationToken);
        var account = confirmation is null ? null
            : await db.Accounts.AsTracking().SingleOrDefaultAsync(row => row.Id == confirmation.AccountId && row.Email == email, cancellationToken);
        if (confirmation is null || account is null)
            return Refusal.Bad(AuthTexts.InvalidConfirmation);
        if (account.EmailConfirmedAt is not null)
            return Refusal.Bad(AuthTexts.AlreadyConfirmed);
        if (confirmation.ExpiresAt <= now)
            return Refusal.Bad(AuthTexts.InvalidConfirmation);

        confirmation.UsedAt = now;
        IReadOnlyList<Guid> ended = [];
        if (account.UserId is null)
        {
            var userId = await AdoptAsync(account, cancellationToken);
            account.UserId = userId;
            account.PasswordHash = confirmation.PasswordHash;
            ended = await sessions.EndAllAsync(userId, TakenOver, except: null, cancellationToken);
            foreach (var session in ended)
                await audit.AddAsync(AuditEvents.SessionRevoked, userId, userId, "session", session.ToString(), new() { ["reason"] = TakenOver });
        }

        account.EmailConfirmedAt = now;
        account.UpdatedAt = now;
        await audit.AddAsync(AuditEvents.EmailConfirmed, account.UserId, account.UserId);
        await db.SaveChangesAsync(cancellationToken);
        var name = await db.Users.Where(user => user.Id == account.UserId).Select(user => user.Name).SingleAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await sessions.AnnounceAsync(ended, TakenOver, cancellationToken);
        return new UserDocument(account.UserId, JsonSerializer.SerializeToElement(GoTrueUser.Of(account, name), GoTrueJson.Default.GoTrueUser));
    }

    /// <summary>
    /// The user who has the address, unless somebody signs in there by other means: such a row may have got the address without
    /// anybody confirming it.
    /// </summary>
    private async Task<Guid> AdoptAsync(Account account, CancellationToken cancellationToken)
    {
        var holder = await UserProvisioning.FindByEmailAsync(db, account.Email, cancellationToken);
        if (holder is { } row
            && !await db.Identities.AnyAsync(identity => identity.UserId == row, cancellationToken)
            && !await db.Accounts.AnyAsync(other => other.UserId == row, cancellationToken))
        {
            return row;
        }

        db.Users.Add(new User { Id = account.Id, Email = holder is null ? account.Email : EmailAddress.Nowhere(account.Id) });
        return account.Id;
    }
}

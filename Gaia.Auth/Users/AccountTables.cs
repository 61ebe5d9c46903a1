using Gaia.Auth.Mail;
using Gaia.Auth.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Auth.Users;

/// <summary>The tables of <c>0004_accounts.sql</c>. The references among them are named so that rows are written in their order.</summary>
internal static class AccountTables
{
    internal static void MapAccounts(this ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Account>(static account =>
        {
            account.ToTable("auth_accounts").HasKey(row => row.Id);
            account.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
            account.Property(row => row.UserId).HasColumnName("user_id");
            account.Property(row => row.Email).HasColumnName("email");
            account.Property(row => row.PasswordHash).HasColumnName("password_hash");
            account.Property(row => row.EmailConfirmedAt).HasColumnName("email_confirmed_at");
            account.Property(row => row.ConfirmationSentAt).HasColumnName("confirmation_sent_at");
            account.Property(row => row.LastSignInAt).HasColumnName("last_sign_in_at");
            account.Property(row => row.CreatedAt).HasColumnName("created_at");
            account.Property(row => row.UpdatedAt).HasColumnName("updated_at");
            account.HasOne<User>().WithMany().HasForeignKey(row => row.UserId);
        });
        modelBuilder.Entity<Confirmation>(static confirmation =>
        {
            confirmation.ToTable("auth_confirmations").HasKey(row => row.TokenHash);
            confirmation.Property(row => row.TokenHash).HasColumnName("token_hash");
            confirmation.Property(row => row.AccountId).HasColumnName("account_id");
            confirmation.Property(row => row.PasswordHash).HasColumnName("password_hash");
            confirmation.Property(row => row.CreatedAt).HasColumnName("created_at");
            confirmation.Property(row => row.ExpiresAt).HasColumnName("expires_at");
            confirmation.Property(row => row.UsedAt).HasColumnName("used_at");
            confirmation.HasOne<Account>().WithMany().HasForeignKey(row => row.AccountId);
        });
        modelBuilder.Entity<ExternalIdentity>(static identity =>
        {
            identity.ToTable("auth_identities").HasKey(row => new { row.Provider, row.Subject });
            identity.Property(row => row.Provider).HasColumnName("provider");
            identity.Property(row => row.Subject).HasColumnName("subject");
            identity.Property(row => row.UserId).HasColumnName("user_id");
            identity.Property(row => row.CreatedAt).HasColumnName("created_at");
            identity.HasOne<User>().WithMany().HasForeignKey(row => row.UserId);
        });
        MapSessions(modelBuilder);
        modelBuilder.Entity<OutboxMail>(static mail =>
        {
            mail.ToTable("auth_mail_outbox").HasKey(row => row.Id);
            mail.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
            mail.Property(row => row.Recipient).HasColumnName("recipient");
            mail.Property(row => row.Subject).HasColumnName("subject");
            mail.Property(row => row.Body).HasColumnName("body");
            mail.Property(row => row.CreatedAt).HasColumnName("created_at");
            mail.Property(row => row.ExpiresAt).HasColumnName("expires_at");
            mail.Property(row => row.NextAttemptAt).HasColumnName("next_attempt_at");
            mail.Property(row => row.Attempts).HasColumnName("attempts");
            mail.Property(row => row.SentAt).HasColumnName("sent_at");
            mail.Property(row => row.LastError).HasColumnName("last_error");
        });
    }

    private static void MapSessions(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Session>(static session =>
        {
            session.ToTable("auth_sessions").HasKey(row => row.Id);
            session.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
            session.Property(row => row.UserId).HasColumnName("user_id");
            session.Property(row => row.Address).HasColumnName("address");
            session.Property(row => row.CreatedAt).HasColumnName("created_at");
            session.Property(row => row.ExpiresAt).HasColumnName("expires_at");
            session.Property(row => row.RevokedAt).HasColumnName("revoked_at");
            session.Property(row => row.RevokedBecause).HasColumnName("revoked_because");
            session.HasOne<User>().WithMany().HasForeignKey(row => row.UserId);
        });
        modelBuilder.Entity<RefreshToken>(static token =>
        {
            token.ToTable("auth_refresh_tokens").HasKey(row => row.TokenHash);
            token.Property(row => row.TokenHash).HasColumnName("token_hash");
            token.Property(row => row.SessionId).HasColumnName("session_id");
            token.Property(row => row.CreatedAt).HasColumnName("created_at");
            token.Property(row => row.ExpiresAt).HasColumnName("expires_at");
            token.Property(row => row.UsedAt).HasColumnName("used_at");
            token.HasOne<Session>().WithMany().HasForeignKey(row => row.SessionId);
        });
        modelBuilder.Entity<AccessToken>(static token =>
        {
            token.ToTable("auth_access_tokens").HasKey(row => row.TokenHash);
            token.Property(row => row.TokenHash).HasColumnName("token_hash");
            token.Property(row => row.UserId).HasColumnName("user_id");
            token.Property(row => row.SessionId).HasColumnName("session_id");
            token.Property(row => row.ApiKeyHash).HasColumnName("api_key_hash");
            token.Property(row => row.ExpiresAt).HasColumnName("expires_at");
            token.Property(row => row.RevokedAt).HasColumnName("revoked_at");
            token.HasOne<User>().WithMany().HasForeignKey(row => row.UserId);
            token.HasOne<Session>().WithMany().HasForeignKey(row => row.SessionId);
        });
    }
}

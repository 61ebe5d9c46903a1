using Gaia.Auth.ApiKeys;
using Gaia.Auth.Audit;
using Gaia.Auth.Mail;
using Gaia.Auth.Sessions;
using Gaia.Auth.Tokens;
using Gaia.Auth.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Gaia.Auth;

/// <summary>Auth's tables. <c>Migrations/</c> makes them; this only maps them.</summary>
public sealed class AuthDbContext(DbContextOptions<AuthDbContext> options) : DbContext(options)
{
    private const string NaiveTimestamp = "timestamp without time zone";

    public DbSet<User> Users => Set<User>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<AuditEntry> AuditLog => Set<AuditEntry>();

    public DbSet<SigningKeyRow> SigningKeys => Set<SigningKeyRow>();

    public DbSet<Account> Accounts => Set<Account>();

    public DbSet<Confirmation> Confirmations => Set<Confirmation>();

    public DbSet<ExternalIdentity> Identities => Set<ExternalIdentity>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    public DbSet<AccessToken> AccessTokens => Set<AccessToken>();

    public DbSet<OutboxMail> Outbox => Set<OutboxMail>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<User>(static user =>
        {
            user.ToTable("users").HasKey(row => row.Id);
            user.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
            user.Property(row => row.Email).HasColumnName("email");
            user.Property(row => row.Name).HasColumnName("name");
            SetBySql(user.Property(row => row.CreatedAt).HasColumnName("created_at"));
            SetBySql(user.Property(row => row.UpdatedAt).HasColumnName("updated_at"));
        });

        modelBuilder.Entity<ApiKey>(static key =>
        {
            key.ToTable("api_keys").HasKey(row => row.Id);
            key.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
            key.Property(row => row.UserId).HasColumnName("user_id");
            key.Property(row => row.KeyHash).HasColumnName("key_hash");
            key.Property(row => row.KeyPrefix).HasColumnName("key_prefix");
            key.Property(row => row.Name).HasColumnName("name");
            key.Property(row => row.Permissions).HasColumnName("permissions").HasColumnType("jsonb");
            key.Property(row => row.Scopes).HasColumnName("scopes").HasColumnType("text[]");
            key.Property(row => row.IsActive).HasColumnName("is_active");
            key.Property(row => row.ExpiresAt).HasColumnName("expires_at").HasColumnType(NaiveTimestamp);
            key.Property(row => row.LastUsedAt).HasColumnName("last_used_at").HasColumnType(NaiveTimestamp);
            key.Property(row => row.RateLimit).HasColumnName("rate_limit");
            key.Property(row => row.RotatedTo).HasColumnName("rotated_to");
            SetBySql(key.Property(row => row.CreatedAt).HasColumnName("created_at"));
            SetBySql(key.Property(row => row.UpdatedAt).HasColumnName("updated_at"));
        });

        modelBuilder.Entity<AuditEntry>(static entry =>
        {
            entry.ToTable("permission_audit_log").HasKey(row => row.Id);
            entry.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
            entry.Property(row => row.EventType).HasColumnName("event_type");
            entry.Property(row => row.ActorId).HasColumnName("actor_id");
            entry.Property(row => row.TargetUserId).HasColumnName("target_user_id");
            entry.Property(row => row.TargetType).HasColumnName("target_type");
            entry.Property(row => row.TargetId).HasColumnName("target_id");
            entry.Property(row => row.Details).HasColumnName("permission_details").HasColumnType("jsonb");
            entry.Property(row => row.Timestamp).HasColumnName("event_timestamp").HasColumnType(NaiveTimestamp);
            entry.Property(row => row.Address).HasColumnName("ip_address");
            entry.Property(row => row.UserAgent).HasColumnName("user_agent");
        });

        modelBuilder.Entity<SigningKeyRow>(static key =>
        {
            key.ToTable("auth_signing_keys").HasKey(row => row.Kid);
            key.Property(row => row.Kid).HasColumnName("kid");
            key.Property(row => row.PublicJwk).HasColumnName("public_jwk").HasColumnType("jsonb");
            key.Property(row => row.SealedPrivateKey).HasColumnName("sealed_private_key");
            key.Property(row => row.CreatedAt).HasColumnName("created_at");
            key.Property(row => row.ActivatesAt).HasColumnName("activates_at");
            key.Property(row => row.RetiresAt).HasColumnName("retires_at");
        });

        modelBuilder.MapAccounts();
    }

    /// <summary>Column defaults and triggers keep these.</summary>
    private static void SetBySql(PropertyBuilder<DateTime?> time) => time.HasColumnType(NaiveTimestamp).ValueGeneratedOnAddOrUpdate();
}

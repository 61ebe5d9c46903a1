using Gaia.Web.Sessions;
using Gaia.Web.Sessions.KeyRing;
using Microsoft.EntityFrameworkCore;

namespace Gaia.Web;

/// <summary>The web's tables. <c>Migrations/</c> makes them; this only maps them.</summary>
internal sealed class WebDbContext(DbContextOptions<WebDbContext> options) : DbContext(options)
{
    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<KeyRow> Keys => Set<KeyRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SessionRow>(static session =>
        {
            session.ToTable("web_sessions").HasKey(row => row.Id);
            session.Property(row => row.Id).HasColumnName("id").HasColumnType("char(64)");
            session.Property(row => row.UserId).HasColumnName("user_id");
            session.Property(row => row.Ticket).HasColumnName("ticket");
            session.Property(row => row.Tokens).HasColumnName("tokens");
            session.Property(row => row.ExpiresAt).HasColumnName("expires_at");
        });

        modelBuilder.Entity<KeyRow>(static key =>
        {
            key.ToTable("data_protection_keys").HasKey(row => row.Name);
            key.Property(row => row.Name).HasColumnName("name");
            key.Property(row => row.Xml).HasColumnName("xml");
        });
    }
}

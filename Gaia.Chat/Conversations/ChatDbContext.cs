using Microsoft.EntityFrameworkCore;

namespace Gaia.Chat.Conversations;

/// <summary>Maps onto the tables that <c>Migrations/*.sql</c> makes, or that a legacy database brings along.</summary>
public sealed class ChatDbContext(DbContextOptions<ChatDbContext> options) : DbContext(options)
{
    public DbSet<Conversation> Conversations => Set<Conversation>();

    public DbSet<Message> Messages => Set<Message>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Conversation>(conversation =>
        {
            conversation.ToTable("conversations");
            conversation.Property(x => x.Id).HasColumnName("id").ValueGeneratedNever();
            conversation.Property(x => x.UserId).HasColumnName("user_id");
            conversation.Property(x => x.Title).HasColumnName("title").HasMaxLength(Conversation.MaxTitleLength);
            conversation.Property(x => x.Preview).HasColumnName("preview");
            conversation.Property(x => x.IsActive).HasColumnName("is_active");
            conversation.Property(x => x.Memory).HasColumnName("memory").HasMaxLength(20);
            conversation.Property(x => x.IsPinned).HasColumnName("is_pinned");
            conversation.Property(x => x.IsArchived).HasColumnName("is_archived");
            conversation.Property(x => x.CreatedAt).HasColumnName("created_at").HasColumnType("timestamp without time zone");
            conversation.Property(x => x.UpdatedAt).HasColumnName("updated_at").HasColumnType("timestamp without time zone");
        });
        modelBuilder.Entity<Message>(message =>
        {
            message.ToTable("chat_messages");
            message.Property(x => x.Id).HasColumnName("id").ValueGeneratedNever();
            message.Property(x => x.UserId).HasColumnName("user_id");
            message.Property(x => x.ConversationId).HasColumnName("conversation_id");
            message.Property(x => x.Role).HasColumnName("role").HasMaxLength(50);
            message.Property(x => x.Content).HasColumnName("content");
            message.Property(x => x.Model).HasColumnName("model").HasMaxLength(Message.MaxModelLength);
            message.Property(x => x.Provider).HasColumnName("provider").HasMaxLength(Message.MaxProviderLength);
            message.Property(x => x.TokensUsed).HasColumnName("tokens_used");
            message.Property(x => x.PromptTokens).HasColumnName("prompt_tokens");
            message.Property(x => x.CompletionTokens).HasColumnName("completion_tokens");
            message.Property(x => x.FinishReason).HasColumnName("finish_reason").HasMaxLength(30);
            message.Property(x => x.CreatedAt).HasColumnName("created_at").HasColumnType("timestamp without time zone");
            message.Property(x => x.SupersededAt).HasColumnName("superseded_at").HasColumnType("timestamp without time zone");
            message.Property(x => x.Ordinal).HasColumnName("ordinal").ValueGeneratedOnAdd();
        });
    }
}

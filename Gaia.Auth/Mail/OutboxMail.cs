namespace Gaia.Auth.Mail;

/// <summary>A row of <c>auth_mail_outbox</c>.</summary>
public sealed class OutboxMail
{
    public Guid Id { get; init; }

    public required string Recipient { get; init; }

    public required string Subject { get; init; }

    /// <summary>Null once it is sent, or too late to send.</summary>
    public string? Body { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>After this the mail is of no use to its recipient.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset NextAttemptAt { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    public string? LastError { get; set; }
}

using System.ComponentModel.DataAnnotations;

namespace Gaia.Auth.Mail;

/// <summary>How mail leaves (section <c>Mail</c>; <c>SMTP_HOST</c>…). Without a host it stays in the table <c>auth_mail_outbox</c>.</summary>
public sealed class MailOptions
{
    public string? Host { get; set; }

    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>Whether the connection must become a secure one (STARTTLS) before anything is said.</summary>
    public bool Secure { get; set; } = true;

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>The sender's address.</summary>
    [EmailAddress]
    public string From { get; set; } = "gaia@localhost";

    internal bool IsConfigured => !string.IsNullOrWhiteSpace(Host);
}

using System.Globalization;
using Gaia.Auth.Users;

namespace Gaia.Auth.Mail;

/// <summary>The mail that asks whether an address is somebody's own.</summary>
internal static class ConfirmationMail
{
    public static OutboxMail Write(string email, string token, AccountOptions options, DateTimeOffset now)
    {
        var expiresAt = now + options.ConfirmationLifetime;
        var link = $"{Link(options, token)}&email={Uri.EscapeDataString(email)}";
        return new OutboxMail
        {
            Id = Guid.CreateVersion7(now),
            Recipient = email,
            Subject = "Confirm your email address",
            Body = string.Create(CultureInfo.InvariantCulture, $"""
                Somebody, hopefully you, registered this email address with Gaia at {now.UtcDateTime:yyyy-MM-dd HH:mm} UTC.

                To confirm it, open this link before {expiresAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC:

                {link}

                The password given with that registration then opens the account. If it was not you, ignore this mail: nothing happens without the link.
                """),
            CreatedAt = now,
            ExpiresAt = expiresAt,
            NextAttemptAt = now,
        };
    }

    private static string Link(AccountOptions options, string token) => $"{options.WebBaseUrl.TrimEnd('/')}/auth/confirm?type=signup&token={token}";
}

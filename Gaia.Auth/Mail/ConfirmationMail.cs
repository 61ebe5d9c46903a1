using System.Globalization;
using Gaia.Auth.Users;

namespace Gaia.Auth.Mail;

/// <summary>The mail that asks whether an address is somebody's own.</summary>
internal static class ConfirmationMail
{
    /// <param name="takesOver">Confirming it opens the data of a user who had the address before: whoever gets this must not take it for a greeting.</param>
    public static OutboxMail Write(string email, string token, bool takesOver, AccountOptions options, DateTimeOffset now)
    {
        var expiresAt = now + options.ConfirmationLifetime;
        var link = $"{Link(options, token)}&email={Uri.EscapeDataString(email)}";
        return new OutboxMail
        {
            Id = Guid.CreateVersion7(now),
            Recipient = email,
            Subject = takesOver ? "Did you just set a password for your existing Gaia account?" : "Confirm your email address",
            Body = takesOver ? WriteTakeover(link, now, expiresAt) : string.Create(CultureInfo.InvariantCulture, $"""
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

    private static string WriteTakeover(string link, DateTimeOffset now, DateTimeOffset expiresAt) => string.Create(CultureInfo.InvariantCulture, $"""
        Somebody, hopefully you, set a password for the Gaia account that this email address already has, at {now.UtcDateTime:yyyy-MM-dd HH:mm} UTC.

        If it was you, open this link before {expiresAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC:

        {link}

        That password then opens the account with all its conversations and other data, and whoever is signed in to it until then is signed out. If it was not you, do not open the link: it would let somebody else in. Nothing happens without it.
        """);

    private static string Link(AccountOptions options, string token) => $"{options.WebBaseUrl.TrimEnd('/')}/auth/confirm?type=signup&token={token}";
}

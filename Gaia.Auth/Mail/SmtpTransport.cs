using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Mail;

/// <summary>Hands mails to an SMTP server, each over a connection of its own.</summary>
internal sealed class SmtpTransport(IOptions<MailOptions> options)
{
    /// <exception cref="SmtpException">The server does not take it.</exception>
    public async Task SendAsync(string recipient, string subject, string body, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        using var client = new SmtpClient(settings.Host, settings.Port) { EnableSsl = settings.Secure, DeliveryFormat = SmtpDeliveryFormat.International };
        if (!string.IsNullOrEmpty(settings.User))
            client.Credentials = new NetworkCredential(settings.User, settings.Password);
        using var message = new MailMessage(settings.From, recipient, subject, body);
        await client.SendMailAsync(message, cancellationToken);
    }
}

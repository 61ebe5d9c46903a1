using System.Data.Common;
using System.Net.Mail;
using System.Text.RegularExpressions;
using Gaia.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Mail;

/// <summary>
/// Sends what is in the outbox, beside the requests. A row is claimed for a while, so that of several replicas one sends it and one
/// that dies loses nothing; what fails is tried again, ever more rarely, until the mail is of no use any more.
/// </summary>
internal sealed partial class MailSender(
    IServiceScopeFactory scopes,
    MailBell bell,
    SmtpTransport transport,
    MigrationState migrations,
    IHostEnvironment environment,
    IOptions<MailOptions> options,
    TimeProvider time,
    ILogger<MailSender> logger) : BackgroundService
{
    private const int Batch = 5;
    private const int MaxError = 200;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(20);

    /// <summary>Longer than a whole batch may take.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan WithoutServer = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastRetry = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = migrations.Applied.WaitAsync(stoppingToken);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (applied.IsCompletedSuccessfully && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await SendSomeAsync(stoppingToken) == Batch)
                {
                }
            }
            catch (Exception exception) when (exception is DbException || DatabaseOutage.Is(exception))
            {
                LogWaiting(exception.GetBaseException().Message);
            }

            await bell.WaitAsync(LookEvery, stoppingToken);
        }
    }

    private async Task<int> SendSomeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = time.GetUtcNow();
        var claimed = await db.Outbox.FromSql($"""
            UPDATE auth_mail_outbox SET attempts = attempts + 1, next_attempt_at = {now + Claim}
            WHERE id IN (
                SELECT id FROM auth_mail_outbox WHERE sent_at IS NULL AND body IS NOT NULL AND next_attempt_at <= {now}
                ORDER BY next_attempt_at LIMIT {Batch} FOR UPDATE SKIP LOCKED)
            RETURNING *
            """).ToListAsync(cancellationToken);
        foreach (var mail in claimed)
            await SendAsync(db, mail, cancellationToken);
        return claimed.Count;
    }

    private async Task SendAsync(AuthDbContext db, OutboxMail mail, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (mail.ExpiresAt <= now)
        {
            LogTooLate(mail.Id, mail.Attempts - 1);
            await Rows(db, mail).ExecuteUpdateAsync(row => row.SetProperty(row => row.Body, (string?)null), cancellationToken);
            return;
        }

        if (!options.Value.IsConfigured)
        {
            // Looked at again now and then: a server may be configured before the mail is too old.
            if (mail.Attempts == 1)
                Keep(mail);
            await Rows(db, mail).ExecuteUpdateAsync(
                row => row.SetProperty(row => row.NextAttemptAt, now + WithoutServer).SetProperty(row => row.LastError, "No SMTP server is configured"), cancellationToken);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SendLimit);
        try
        {
            await transport.SendAsync(mail.Recipient, mail.Subject, mail.Body!, limit.Token);
            // The link has gone where it belongs.
            await Rows(db, mail).ExecuteUpdateAsync(
                row => row.SetProperty(row => row.SentAt, time.GetUtcNow()).SetProperty(row => row.Body, (string?)null).SetProperty(row => row.LastError, (string?)null), cancellationToken);
            LogSent(mail.Id, mail.Attempts);
        }
        catch (Exception exception) when (
            exception is SmtpException or FormatException or InvalidOperationException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = exception is SmtpException smtp ? $"{smtp.StatusCode}" : exception.GetType().Name;
            var next = time.GetUtcNow() + Backoff(mail.Attempts);
            await Rows(db, mail).ExecuteUpdateAsync(
                row => row.SetProperty(row => row.NextAttemptAt, next).SetProperty(row => row.LastError, reason.Substring(0, Math.Min(reason.Length, MaxError))), cancellationToken);
            LogLater(mail.Id, mail.Attempts, reason);
        }
    }

    private static IQueryable<OutboxMail> Rows(AuthDbContext db, OutboxMail mail) => db.Outbox.Where(row => row.Id == mail.Id);

    private static TimeSpan Backoff(int attempts)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Min(attempts - 1, 16));
        return wait < LastRetry ? wait : LastRetry;
    }

    /// <summary>A developer reads the link here; elsewhere it is nobody's business but the recipient's, and who may read the table.</summary>
    private void Keep(OutboxMail mail)
    {
        if (environment.IsDevelopment() && Link().Match(mail.Body!) is { Success: true } link)
            LogLink(mail.Id, link.Value);
        else
            LogKept(mail.Id);
    }

    /// <summary>Without the recipient's address, which ends the link.</summary>
    [GeneratedRegex(@"https?://\S+?(?=&email=)")]
    private static partial Regex Link();

    [LoggerMessage(LogLevel.Information, "Mail {Mail} stays in auth_mail_outbox, for no SMTP server is configured. Its link: {Link}")]
    private partial void LogLink(Guid mail, string link);

    [LoggerMessage(LogLevel.Warning, "Mail {Mail} stays in auth_mail_outbox: no SMTP server is configured (SMTP_HOST)")]
    private partial void LogKept(Guid mail);

    [LoggerMessage(LogLevel.Information, "Mail {Mail} was sent at attempt {Attempt}")]
    private partial void LogSent(Guid mail, int attempt);

    [LoggerMessage(LogLevel.Warning, "Mail {Mail} could not be sent at attempt {Attempt} and is tried again: {Reason}")]
    private partial void LogLater(Guid mail, int attempt, string reason);

    [LoggerMessage(LogLevel.Warning, "Mail {Mail} is too old to be sent, after {Attempts} attempts")]
    private partial void LogTooLate(Guid mail, int attempts);

    [LoggerMessage(LogLevel.Warning, "The outbox waits for PostgreSQL: {Reason}")]
    private partial void LogWaiting(string reason);
}

using System.Text;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Users;

/// <summary>Mails on their way.</summary>
[Collection(SharedServers.Name)]
public sealed class MailTests(NativeServers servers)
{
    [Fact]
    public async Task A_mail_waits_for_the_server_is_sent_once_and_then_forgotten()
    {
        var port = NativeServer.FreePort();
        var clock = new ShiftedClock();
        var database = await servers.CreateDatabaseAsync();
        (string, string?)[] settings = [("SMTP_HOST", "127.0.0.1"), ("SMTP_PORT", $"{port}"), ("SMTP_SECURE", "false"), ("SMTP_FROM", "gaia@example.com"), ("WEB_SERVICE_BASE_URL", "https://web.example")];
        await using var first = await AuthHost.StartAsync(servers, database, "Production", clock, settings: settings);
        await using var second = await AuthHost.StartAsync(servers, database, "Production", clock, settings: settings);
        var user = await first.RegisterAsync();
        await Eventually.TrueAsync(async () => await QueryAsync<string>("SELECT last_error FROM auth_mail_outbox") is not null);
        Assert.NotNull(await QueryAsync<string>("SELECT body FROM auth_mail_outbox"));

        await using var server = new SmtpServer(port);
        clock.Advance(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(async () => await QueryAsync<DateTime?>("SELECT sent_at FROM auth_mail_outbox") is not null, seconds: 15);

        var mail = Assert.Single(server.Mails);
        Assert.Contains(user.Email, mail, StringComparison.Ordinal);
        var text = Decode(mail);
        Assert.Contains("https://web.example/auth/confirm?type=signup&token=", text, StringComparison.Ordinal);
        Assert.Null(await QueryAsync<string>("SELECT body FROM auth_mail_outbox"));
        var token = text.Split("token=")[1].Split('&')[0];
        Assert.Equal(System.Net.HttpStatusCode.OK, (await second.PostAsync("confirm", new { token, email = user.Email })).Status);

        Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(database, sql);
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task Without_a_server_the_mail_stays_and_only_in_Development_its_link_is_logged(string environment, bool isLogged)
    {
        var log = new LogSink();
        var database = await servers.CreateDatabaseAsync();
        await using var auth = await AuthHost.StartAsync(servers, database, environment, log: log);
        var user = await auth.RegisterAsync();
        var token = await UserRequests.MailedTokenAsync(database, user.Email);

        await Eventually.TrueAsync(() => Task.FromResult(log.Lines.Any(line => line.Contains("stays in auth_mail_outbox", StringComparison.Ordinal))));

        Assert.Equal(isLogged, log.Lines.Any(line => line.Contains(token, StringComparison.Ordinal)));
        Assert.DoesNotContain(log.Lines, line => line.Contains(user.Email, StringComparison.Ordinal));
    }

    /// <summary>The text of a mail, whatever its encoding for the way.</summary>
    private static string Decode(string mail)
    {
        var body = mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
        if (mail.Contains("base64", StringComparison.OrdinalIgnoreCase))
            return Encoding.UTF8.GetString(Convert.FromBase64String(body.ReplaceLineEndings("").Trim()));
        return mail.Contains("quoted-printable", StringComparison.OrdinalIgnoreCase)
            ? body.ReplaceLineEndings("\n").Replace("=\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal)
            : body;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Users;

/// <summary>What is told of signing in and out, and what is never told.</summary>
[Collection(SharedServers.Name)]
public sealed class UserEventTests(NativeServers servers)
{
    [Fact]
    public async Task Logins_logouts_and_failures_are_published_and_written_down_without_a_secret()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, servers.Nats.Port);
        using var reader = new StreamReader(client.GetStream());
        await client.GetStream().WriteAsync("CONNECT {\"verbose\":false}\r\nSUB gaia.auth.> 1\r\nPING\r\n"u8.ToArray());
        while (await reader.ReadLineAsync() != "PONG")
        {
        }

        var log = new LogSink();
        var database = await servers.CreateDatabaseAsync();
        await using var telemetry = await TelemetrySink.StartAsync();
        await using var auth = await AuthHost.StartAsync(servers, database, "Production", log: log, settings: [("Auth:PasswordIterations", "1000"), ("OTEL_EXPORTER_OTLP_ENDPOINT", telemetry.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
        var email = $"canary-{Guid.NewGuid():N}@example.com";
        var first = await auth.RegisterAsync(email);
        var mailed = await UserRequests.MailedTokenAsync(database, email);
        var user = await auth.LoginAsync(email);
        await auth.PostAsync("login", new { email, password = "canary wrong password" });
        await auth.PostAsync("refresh", new { refresh_token = "canary-refresh-token" });
        await auth.PostAsync("validate", new { token = "canary.wrong.token", api_key = "canary-key" });
        await auth.PostAsync("confirm", new { token = "canary-confirmation", email });
        await auth.PostAsync("logout", null, user.AccessToken);

        var heard = new StringBuilder();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!heard.ToString().Contains("gaia.auth.revoked", StringComparison.Ordinal) || !heard.ToString().Contains("gaia.auth.logout", StringComparison.Ordinal))
            heard.Append(await reader.ReadLineAsync(limit.Token)).Append('\n');
        var events = heard.ToString();
        Assert.Contains("gaia.auth.login", events, StringComparison.Ordinal);
        Assert.Contains("gaia.auth.validation_failed", events, StringComparison.Ordinal);
        Assert.Contains(user.UserId.ToString(), events, StringComparison.Ordinal);

        var kinds = await NativeServers.QueryAsync<string>(database, "SELECT string_agg(event_type, ' ' ORDER BY event_timestamp, id) FROM permission_audit_log");
        Assert.Equal("registered login login login_failed logout", kinds);
        var written = await NativeServers.QueryAsync<string>(database, "SELECT string_agg(log::text, ' ') FROM permission_audit_log log");

        string[] secrets = ["canary", UserRequests.Password, mailed, first.AccessToken, first.RefreshToken, user.AccessToken, user.RefreshToken];
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, events, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, written!, StringComparison.Ordinal);
            Assert.DoesNotContain(log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
            Assert.False(telemetry.Contains(secret), "a secret is in a trace");
        }
    }
}

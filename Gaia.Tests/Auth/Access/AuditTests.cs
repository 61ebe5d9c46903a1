using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gaia.Auth.Access;
using Gaia.Auth.Audit;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Gaia.Tests.Auth.Access;

/// <summary>The audit log as administrators see it, and what looks after it and after grants that have ended.</summary>
[Collection(SharedServers.Name)]
public sealed class AuditTests(AccessFixture shared) : IClassFixture<AccessFixture>
{
    [Fact]
    public async Task Changes_and_reads_of_an_administrator_are_in_the_log()
    {
        var (admin, user) = (await shared.CreateUserAsync("admin"), await shared.CreateUserAsync());
        var caller = shared.As(admin.Secret);
        await caller.DoPostAsync($"users/{user.Row.UserId}/roles", new { role = "analyst" });
        await caller.DoAsync(HttpMethod.Delete, $"users/{user.Row.UserId}/roles/analyst");
        await caller.DoAsync(HttpMethod.Get, $"users/{user.Row.UserId}");
        await caller.DoAsync(HttpMethod.Get, "users?search=somebody");

        var entries = await ReadOfAsync(admin.Row.UserId);
        Assert.Equal(["admin_read", "admin_read", "role_revoked", "role_assigned"], entries.Select(entry => (string)entry!["event_type"]!));
        var assigned = entries[3]!;
        Assert.Equal((user.Row.UserId.ToString(), "role", "analyst", "127.0.0.1"),
            ((string?)assigned["target_user_id"], (string?)assigned["target_type"], (string?)assigned["target_id"], (string?)assigned["ip_address"]));
        Assert.Equal("somebody", (string?)entries[0]!["details"]!["search"]);
        // So is reading the log.
        await caller.DoAsync(HttpMethod.Get, "audit?event_type=nothing");
        Assert.Equal("audit", (string?)(await ReadOfAsync(admin.Row.UserId))[0]!["target_type"]);
    }

    [Fact]
    public async Task A_user_agent_is_in_the_log_cut_short_and_without_what_is_not_to_be_seen()
    {
        var admin = await shared.CreateUserAsync("admin");
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{shared.Auth.Url}/api/v1/admin/users") { Headers = { { "X-API-Key", admin.Secret } } };
        request.Headers.TryAddWithoutValidation("User-Agent", $"Client/1.0\t\u0085\u009b31m\u202e\u2028 \u00fc {new string('x', 1000)}");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            $"Client/1.031m \u00fc {new string('x', 240)}",
            await NativeServers.QueryAsync<string>(shared.Database, $"SELECT user_agent FROM permission_audit_log WHERE actor_id = '{admin.Row.UserId}' AND event_type = 'admin_read'"));
    }

    [Fact]
    public async Task A_change_that_is_refused_is_not_in_the_log()
    {
        var admin = await shared.CreateUserAsync("admin");
        await shared.As(admin.Secret).AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Post, $"users/{admin.Row.UserId}/roles", new { role = "super_admin" });

        Assert.Empty(await ReadOfAsync(admin.Row.UserId));
    }

    [Fact]
    public async Task The_log_is_filtered_and_read_in_pages_that_nothing_moves()
    {
        var (actor, target) = (Guid.NewGuid(), Guid.NewGuid());
        await NativeServers.ExecuteAsync(shared.Database, $"""
            INSERT INTO permission_audit_log (event_type, actor_id, target_user_id, event_timestamp)
            SELECT CASE WHEN n % 2 = 0 THEN 'even' ELSE 'odd' END, '{actor}', '{target}', timestamp '2025-01-01' + n * interval '1 minute' FROM generate_series(1, 25) n
            """);

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await shared.Root().DoAsync(HttpMethod.Get, $"audit?actor_id={actor}&limit=10&cursor={cursor}");
            seen.AddRange(page!["items"]!.AsArray().Select(entry => (string)entry!["timestamp"]!));
            cursor = (string?)page["next_cursor"];
            await NativeServers.ExecuteAsync(shared.Database, $"INSERT INTO permission_audit_log (event_type, actor_id) VALUES ('later', '{actor}')");
        }
        while (cursor is not null);

        Assert.Equal(25, seen.Count);
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
        Assert.Equal(12, (await ReadAsync($"target_user_id={target}&event_type=even&limit=100")).Count);
        Assert.Equal(5, (await ReadAsync($"target_user_id={target}&since=2025-01-01T00:06:00&until=2025-01-01T00:11:00Z")).Count);
        await shared.Root().AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Get, "audit?cursor=nonsense", saying: "cursor");
    }

    [Fact]
    public async Task An_entry_is_never_changed_and_deleted_by_the_retention_alone()
    {
        await using var own = new AccessFixture(shared.Servers);
        await own.InitializeAsync();
        await NativeServers.ExecuteAsync(own.Database, """
            INSERT INTO permission_audit_log (event_type, event_timestamp) SELECT 'old', (now() AT TIME ZONE 'utc') - interval '366 days' FROM generate_series(1, 2500);
            INSERT INTO permission_audit_log (event_type, event_timestamp) VALUES ('young', (now() AT TIME ZONE 'utc') - interval '364 days');
            """);

        foreach (var sql in new[] { "UPDATE permission_audit_log SET event_type = 'x'", "DELETE FROM permission_audit_log", "TRUNCATE permission_audit_log" })
            Assert.Contains("append-only", (await Assert.ThrowsAsync<PostgresException>(() => NativeServers.ExecuteAsync(own.Database, sql))).MessageText, StringComparison.Ordinal);

        Assert.Equal(2500, await own.Auth.Services.GetRequiredService<AuditRetention>().RunAsync(CancellationToken.None));
        Assert.Equal(0L, await NativeServers.QueryAsync<long>(own.Database, "SELECT count(*) FROM permission_audit_log WHERE event_type = 'old'"));
        Assert.Equal(1L, await NativeServers.QueryAsync<long>(own.Database, "SELECT count(*) FROM permission_audit_log WHERE event_type = 'young'"));
    }

    [Fact]
    public async Task Grants_that_have_ended_are_deleted()
    {
        var user = await shared.CreateUserAsync();
        await NativeServers.ExecuteAsync(shared.Database, $"""
            INSERT INTO user_roles (user_id, role_id, expires_at) SELECT '{user.Row.UserId}', id, (now() AT TIME ZONE 'utc') - interval '1 hour' FROM roles WHERE name = 'admin';
            INSERT INTO user_roles (user_id, role_id, expires_at) SELECT '{user.Row.UserId}', id, (now() AT TIME ZONE 'utc') + interval '1 hour' FROM roles WHERE name = 'analyst';
            INSERT INTO workspaces (name, display_name, expires_at) VALUES ('over-{user.Row.UserId}', 'Over', (now() AT TIME ZONE 'utc') - interval '1 hour');
            """);

        await shared.Auth.Services.GetRequiredService<GrantCleanup>().RunAsync(CancellationToken.None);

        var roles = (await shared.Root().DoAsync(HttpMethod.Get, $"users/{user.Row.UserId}"))!["roles"]!.AsArray().Select(role => (string)role!["role"]!);
        Assert.Equal(["analyst", "user"], roles);
        Assert.Equal("expired", await NativeServers.QueryAsync<string>(shared.Database, $"SELECT status FROM workspaces WHERE name = 'over-{user.Row.UserId}'"));
    }

    /// <summary>What somebody did, but for what became of the key at hand.</summary>
    private async Task<List<JsonNode?>> ReadOfAsync(Guid actor) =>
        [.. (await ReadAsync($"actor_id={actor}")).Where(entry => !((string)entry!["event_type"]!).StartsWith("key_", StringComparison.Ordinal))];

    private async Task<JsonArray> ReadAsync(string query) => (await shared.Root().DoAsync(HttpMethod.Get, $"audit?{query}"))!["items"]!.AsArray();
}

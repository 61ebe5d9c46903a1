using System.Net;
using System.Net.Http.Json;
using Gaia.Auth.ApiKeys;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>What users may do, as Auth says it and as a service checks it.</summary>
[Collection(SharedServers.Name)]
public sealed class AccessTests(AccessFixture shared) : IClassFixture<AccessFixture>
{
    private readonly AuthHost _auth = shared.Auth;

    [Fact]
    public async Task A_new_user_may_do_what_the_legacy_clients_do_and_nothing_of_the_administration()
    {
        var user = await _auth.CreateKeyAsync();

        await AssertMayAsync(user, yes: ["chat/create", "chat/read", "asset/create", "asset/read", "api/access/api/v1/chat/completions", "api/access/api/v1/auth/keys",
            "kb/read/kb/shared/a", $"kb/write/kb/users/{user.Row.UserId}/a", $"kb/share/kb/users/{user.Row.UserId}/a"],
            no: ["chat/delete", "admin/users", "admin/system", "api/access/api/v1/admin", "kb/write/kb/shared/a", $"kb/read/kb/users/{Guid.NewGuid()}/a",
                $"kb/read/kb/users/{user.Row.UserId}0/a", $"kb/read/kb/users/{user.Row.UserId}/..%2f..%2fteams/a"]);
        Assert.Equal("user", (await shared.Probe.AskAsync(user.Secret))["roles"]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/chats", user));
        var refused = await shared.Probe.AskAsync("/users", ("X-API-Key", user.Secret));
        Assert.Equal((HttpStatusCode.Forbidden, """{"detail":"Not enough permissions"}"""), (refused.Status, refused.Body));
    }

    [Theory]
    [InlineData("super_admin", "/system", HttpStatusCode.OK)]
    [InlineData("admin", "/users", HttpStatusCode.OK)]
    [InlineData("admin", "/system", HttpStatusCode.Forbidden)]
    [InlineData("developer", "/users", HttpStatusCode.Forbidden)]
    [InlineData("viewer", "/chats", HttpStatusCode.OK)]
    [InlineData("guest", "/chats", HttpStatusCode.OK)]
    [InlineData("analyst", "/chats", HttpStatusCode.Forbidden)]
    public async Task The_seeded_roles_open_what_they_should(string role, string path, HttpStatusCode status)
    {
        var user = await _auth.CreateKeyAsync();
        await ExecuteAsync($"DELETE FROM user_roles WHERE user_id = '{user.Row.UserId}'; {Assign(user, role)}");

        Assert.Equal(status, await StatusAsync(path, user));
    }

    [Fact]
    public async Task A_guest_only_reads()
    {
        var guest = await _auth.CreateKeyAsync();
        await ExecuteAsync($"DELETE FROM user_roles WHERE user_id = '{guest.Row.UserId}'; {Assign(guest, "guest")}");

        await AssertMayAsync(guest, yes: ["chat/read", "kb/read/kb/shared/a", "api/access/api/v1/chat"], no: ["chat/create", "asset/create", $"kb/write/kb/users/{guest.Row.UserId}/a"]);
    }

    [Fact]
    public async Task An_operators_key_makes_its_user_an_admin_while_it_is_used()
    {
        var plain = await _auth.CreateKeyAsync();
        var operators = await _auth.WithAsync<ApiKeyStore, CreatedApiKey>(async store => (await store.CreateAsync(plain.Row.UserId, "operator's", [], null, CancellationToken.None))!);
        await ExecuteAsync($$"""UPDATE api_keys SET permissions = '{"admin": true}' WHERE id = '{{operators.Row.Id}}'""");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/users", operators));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/system", operators));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/chats", operators));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/users", plain));
        Assert.Equal(HttpStatusCode.OK, (await shared.Probe.AskAsync("/system", ("X-API-Key", AuthHost.DevelopmentKey))).Status);
    }

    [Fact]
    public async Task The_scopes_of_a_key_limit_it_whatever_its_user_may()
    {
        var key = await _auth.CreateKeyAsync(null, "kb:read");
        await ExecuteAsync(Assign(key, "super_admin"));

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/chats", key));
        await AssertMayAsync(key, yes: ["kb/read/kb/a"], no: ["kb/write/kb/a", "admin/users"]);
    }

    [Fact]
    public async Task Grants_reach_a_user_through_roles_teams_above_and_workspaces_and_end_when_they_say()
    {
        var user = await _auth.CreateKeyAsync();
        var id = user.Row.UserId;
        await ExecuteAsync($$"""
            INSERT INTO teams (id, name, display_name, parent_team_id, is_active) VALUES
                ('11111111-0000-0000-0000-000000000001', 'company', 'Company', NULL, true),
                ('11111111-0000-0000-0000-000000000002', 'engineering', 'Engineering', '11111111-0000-0000-0000-000000000001', true),
                ('11111111-0000-0000-0000-000000000003', 'closed', 'Closed', NULL, false),
                ('11111111-0000-0000-0000-000000000004', 'below', 'Below', '11111111-0000-0000-0000-000000000002', true);
            INSERT INTO team_members (team_id, user_id) VALUES ('11111111-0000-0000-0000-000000000002', '{{id}}'), ('11111111-0000-0000-0000-000000000003', '{{id}}');
            INSERT INTO workspaces (id, name, display_name, status, expires_at) VALUES
                ('22222222-0000-0000-0000-000000000001', 'launch', 'Launch', 'active', NULL),
                ('22222222-0000-0000-0000-000000000002', 'old', 'Old', 'archived', NULL),
                ('22222222-0000-0000-0000-000000000003', 'over', 'Over', 'active', (now() AT TIME ZONE 'utc') - interval '1 second');
            INSERT INTO workspace_members (workspace_id, user_id) SELECT id, '{{id}}' FROM workspaces;
            INSERT INTO resource_permissions (resource_type, resource_id, principal_type, principal_id, permissions, expires_at) VALUES
                ('kb', '/kb/1', 'user', '{{id}}', '{read,share}', NULL),
                ('kb', '/kb/2/*', 'team', '11111111-0000-0000-0000-000000000001', '{read}', NULL),
                ('kb', '/kb/3', 'team', '11111111-0000-0000-0000-000000000003', '{read}', NULL),
                ('kb', '/kb/4', 'team', '11111111-0000-0000-0000-000000000004', '{read}', NULL),
                ('kb', '/kb/5', 'workspace', '22222222-0000-0000-0000-000000000001', '{read}', NULL),
                ('kb', '/kb/6', 'workspace', '22222222-0000-0000-0000-000000000002', '{read}', NULL),
                ('kb', '/kb/7', 'workspace', '22222222-0000-0000-0000-000000000003', '{read}', NULL),
                ('kb', '/kb/8', 'role', 'user', '{read}', NULL),
                ('kb', '/kb/9', 'user', '{{id}}', '{read}', (now() AT TIME ZONE 'utc') - interval '1 second'),
                ('kb', '/kb/users/{user_id}/10', 'user', '{{id}}', '{delete}', NULL);
            INSERT INTO user_permissions (user_id, permission_id, granted)
                SELECT '{{id}}', id, resource_type = 'admin' FROM permissions WHERE (resource_type, action) IN (('admin', 'users'), ('asset', 'create'));
            """);

        await AssertMayAsync(user,
            yes: ["kb/read/kb/1", "kb/share/kb/1", "kb/read/kb/2/a/b", "kb/read/kb/5", "kb/read/kb/8", "admin/users"],
            no: ["kb/write/kb/1", "kb/read/kb/1/a", "kb/read/kb/3", "kb/read/kb/4", "kb/read/kb/6", "kb/read/kb/7", "kb/read/kb/9", "asset/create"]);
        var token = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken((await shared.Probe.AskAsync(user.Secret))["internal_token"]);
        Assert.Equal(["11111111-0000-0000-0000-000000000001", "11111111-0000-0000-0000-000000000002"], token.GetPayloadValue<string[]>(InternalTokenClaims.TeamIds));
        Assert.Equal(["22222222-0000-0000-0000-000000000001"], token.GetPayloadValue<string[]>(InternalTokenClaims.WorkspaceIds));
    }

    [Fact]
    public async Task All_that_a_user_may_do_is_one_query_and_only_services_may_ask()
    {
        var user = await _auth.CreateKeyAsync();
        var path = $"/internal/users/{user.Row.UserId}/permissions";
        var before = await CountAsync();

        var permissions = await _auth.AsService.GetFromJsonAsync(path, PermissionsJson.Default.UserPermissions);

        Assert.Equal(["user"], permissions!.Roles.Select(role => role.Name));
        Assert.Equal(before + 1, await CountAsync());
        using var anonymous = await _auth.Client.GetAsync(path);
        using var asUser = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-API-Key", AuthHost.DevelopmentKey } } };
        using var refused = await _auth.Client.SendAsync(asUser);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden), (anonymous.StatusCode, refused.StatusCode));

        // All statements that have to do with the tables of this matter.
        Task<int> CountAsync() => shared.Servers.CountStatementsAsync("user_roles held");
    }

    private static string Assign(CreatedApiKey user, string role) =>
        $"INSERT INTO user_roles (user_id, role_id) SELECT '{user.Row.UserId}', id FROM roles WHERE name = '{role}';";

    private Task ExecuteAsync(string sql) => NativeServers.ExecuteAsync(shared.Database, sql);

    private async Task<HttpStatusCode> StatusAsync(string path, CreatedApiKey key) => (await shared.Probe.AskAsync(path, ("X-API-Key", key.Secret))).Status;

    private async Task AssertMayAsync(CreatedApiKey key, string[] yes, string[] no)
    {
        foreach (var (asked, expected) in yes.Select(path => (path, "yes")).Concat(no.Select(path => (path, "no"))))
            Assert.Equal((asked, expected), (asked, (await shared.Probe.AskAsync($"/may/{asked}", ("X-API-Key", key.Secret))).Body));
    }
}

/// <summary>One Auth and one service for all tests of a class.</summary>
public sealed class AccessFixture(NativeServers servers) : IAsyncLifetime, IAsyncDisposable
{
    internal NativeServers Servers => servers;

    internal string Database { get; private set; } = "";

    internal AuthHost Auth { get; private set; } = null!;

    internal ProbeHost Probe { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await servers.CreateDatabaseAsync();
        Auth = await AuthHost.StartAsync(servers, Database);
        Probe = await ProbeHost.StartAsync(servers, Auth.Url);
    }

    public async Task DisposeAsync()
    {
        await Probe.DisposeAsync();
        await Auth.DisposeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}

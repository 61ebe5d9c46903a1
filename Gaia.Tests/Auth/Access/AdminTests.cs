using System.Net;
using Gaia.Auth.ApiKeys;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>The administration over HTTP.</summary>
[Collection(SharedServers.Name)]
public sealed class AdminTests(AccessFixture shared) : IClassFixture<AccessFixture>
{
    private static readonly string[] Areas = ["users", "keys", "roles", "permissions", "permissions/resources", "teams", "workspaces", "audit"];

    [Fact]
    public async Task Only_administrators_get_in()
    {
        var user = shared.As((await shared.CreateUserAsync("developer")).Secret);
        var admin = shared.As((await shared.CreateUserAsync("admin")).Secret);
        foreach (var area in Areas)
        {
            await user.AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Get, area);
            await new AdminCaller(shared.Auth, "nonsense").AssertRefusedAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, area);
            await admin.DoAsync(HttpMethod.Get, area);
        }
    }

    [Fact]
    public async Task A_role_given_and_taken_counts_within_a_second_with_a_credential_in_use()
    {
        var user = await shared.CreateUserAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/users", user));

        await shared.Root().DoPostAsync($"users/{user.Row.UserId}/roles", new { role = "admin" });
        await Eventually.TrueAsync(async () => await StatusAsync("/users", user) == HttpStatusCode.OK, seconds: 1);
        // The roles in its internal token, too.
        await Eventually.TrueAsync(async () => (await shared.Probe.AskAsync(user.Secret))["roles"] == "admin user", seconds: 1);

        await shared.Root().DoAsync(HttpMethod.Delete, $"users/{user.Row.UserId}/roles/admin");
        await Eventually.TrueAsync(async () => await StatusAsync("/users", user) == HttpStatusCode.Forbidden, seconds: 1);
        await Eventually.TrueAsync(async () => (await shared.Probe.AskAsync(user.Secret))["roles"] == "user", seconds: 1);
        await shared.Root().AssertRefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"users/{user.Row.UserId}/roles/admin");
    }

    [Fact]
    public async Task A_role_in_a_context_counts_there_and_a_role_with_an_end_until_then()
    {
        var user = await shared.CreateUserAsync();
        var root = shared.Root();
        var end = DateTime.UtcNow.AddHours(1);

        await root.DoPostAsync($"users/{user.Row.UserId}/roles", new { role = "kb_editor", context_type = "team", context_id = "7" });
        var details = await root.DoPostAsync($"users/{user.Row.UserId}/roles", new { role = "kb_viewer", expires_at = end });

        Assert.Equal(["kb_editor:team:7", "kb_viewer::", "user::"], details!["roles"]!.AsArray().Select(role => $"{role!["role"]}:{role["context_type"]}:{role["context_id"]}"));
        Assert.True(await CheckAsync(user, "kb", "read", "/kb/teams/7/a"));
        Assert.False(await CheckAsync(user, "kb", "write", "/kb/teams/7/a"));
        Assert.True(await CheckAsync(user, "kb", "write", "/kb/teams/7/a", "team", "7"));
        Assert.False(await CheckAsync(user, "kb", "write", "/kb/teams/7/a", "team", "8"));
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, $"users/{user.Row.UserId}/roles", new { role = "kb_viewer", expires_at = "2020-01-01" }, "future");
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, $"users/{user.Row.UserId}/roles", new { role = "kb_viewer", context_id = "7" }, "context_type");
    }

    [Fact]
    public async Task Nobody_grants_what_they_do_not_hold()
    {
        var (admin, other) = (await shared.CreateUserAsync("admin"), await shared.CreateUserAsync());
        var caller = shared.As(admin.Secret);
        var system = await PermissionAsync("admin", "system");
        var role = (string)(await shared.Root().DoPostAsync("roles", new { name = AdminUsers.NewName() }))!["role"]!["name"]!;
        await shared.Root().DoPostAsync($"roles/{role}/permissions", new { permission_id = system });
        var team = (string)(await shared.Root().DoPostAsync("teams", new { name = AdminUsers.NewName() }))!["team"]!["id"]!;
        var above = (string)(await shared.Root().DoPostAsync("teams", new { name = AdminUsers.NewName() }))!["team"]!["id"]!;
        var workspace = (string)(await shared.Root().DoPostAsync("workspaces", new { name = AdminUsers.NewName() }))!["id"]!;
        foreach (var (type, id) in new[] { ("team", above), ("workspace", workspace) })
            await shared.Root().DoPostAsync("permissions/resources", new { resource_type = "admin", resource_id = "*", principal_type = type, principal_id = id, permissions = new[] { "system" } });

        var beyond = new (HttpMethod Method, string Path, object? Body)[]
        {
            (HttpMethod.Post, $"users/{other.Row.UserId}/roles", new { role = "super_admin" }),
            (HttpMethod.Post, $"users/{admin.Row.UserId}/roles", new { role = "super_admin" }),
            (HttpMethod.Post, $"users/{admin.Row.UserId}/roles", new { role }),
            (HttpMethod.Post, $"users/{admin.Row.UserId}/roles", new { role, context_type = "team", context_id = "1" }),
            (HttpMethod.Post, $"users/{admin.Row.UserId}/permissions", new { permission_id = system }),
            (HttpMethod.Post, "permissions/resources", new { resource_type = "admin", resource_id = "*", principal_type = "user", principal_id = admin.Row.UserId, permissions = new[] { "system" } }),
            (HttpMethod.Post, "permissions/resources", new { resource_type = "admin", resource_id = "*", principal_type = "role", principal_id = "admin", permissions = new[] { "users", "system" } }),
            (HttpMethod.Put, $"teams/{above}/members/{admin.Row.UserId}", new { team_role = "member" }),
            (HttpMethod.Patch, $"teams/{team}", new { parent_team_id = above }),
            (HttpMethod.Put, $"workspaces/{workspace}/members/{admin.Row.UserId}", null),
        };
        foreach (var (method, path, body) in beyond)
            await caller.AssertRefusedAsync(HttpStatusCode.Forbidden, method, path, body, "Not enough permissions");
        Assert.False(await CheckAsync(admin, "admin", "system", null));
        foreach (var (method, path, body) in beyond)
            await shared.Root().DoAsync(method, path, body);

        // What they hold they may pass on.
        var third = await shared.CreateUserAsync();
        await shared.As((await shared.CreateUserAsync("admin")).Secret).DoPostAsync($"users/{third.Row.UserId}/roles", new { role = "admin" });
    }

    [Fact]
    public async Task A_key_limited_to_scopes_passes_on_no_more_than_they_cover()
    {
        var root = await shared.Auth.CreateKeyAsync(null, "admin:users");
        await NativeServers.ExecuteAsync(shared.Database, $"INSERT INTO user_roles (user_id, role_id) SELECT '{root.Row.UserId}', id FROM roles WHERE name = 'super_admin'");

        await shared.As(root.Secret).DoAsync(HttpMethod.Get, "users");
        await shared.As(root.Secret).AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Get, "roles");
        await shared.As(root.Secret).AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Post, $"users/{root.Row.UserId}/roles", new { role = "admin" });
    }

    [Fact]
    public async Task The_last_super_admin_stays()
    {
        await using var own = await OwnAsync();
        var root = own.Root();
        var (first, second) = (await own.CreateUserAsync("super_admin"), await own.CreateUserAsync("super_admin"));

        await own.As(first.Secret).DoAsync(HttpMethod.Delete, $"users/{second.Row.UserId}/roles/super_admin");
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Delete, $"users/{first.Row.UserId}/roles/super_admin", saying: "last super_admin");
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"users/{first.Row.UserId}/disable", saying: "last super_admin");
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"users/{first.Row.UserId}/roles", new { role = "super_admin", expires_at = DateTime.UtcNow.AddDays(1) }, "last super_admin");
        Assert.Equal(HttpStatusCode.OK, (await own.As(first.Secret).GetAsync("users")).Status);

        // Two at once leave one.
        await root.DoPostAsync($"users/{second.Row.UserId}/roles", new { role = "super_admin" });
        var both = await Task.WhenAll(new[] { first, second }.Select(user => root.SendAsync(HttpMethod.Delete, $"users/{user.Row.UserId}/roles/super_admin")));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], both.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task A_disabled_user_is_refused_within_a_second_and_let_in_again()
    {
        var user = await shared.CreateUserAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/chats", user));

        await shared.As((await shared.CreateUserAsync("admin")).Secret).DoAsync(HttpMethod.Post, $"users/{user.Row.UserId}/disable");
        await Eventually.TrueAsync(async () => await StatusAsync("/chats", user) == HttpStatusCode.Unauthorized, seconds: 1);
        Assert.True((bool)(await shared.Root().DoAsync(HttpMethod.Get, $"users/{user.Row.UserId}"))!["user"]!["disabled"]!);

        await shared.Root().DoAsync(HttpMethod.Post, $"users/{user.Row.UserId}/enable");
        var again = await shared.Auth.WithAsync<ApiKeyStore, CreatedApiKey?>(store => store.CreateAsync(user.Row.UserId, "again", [], null, CancellationToken.None));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/chats", again!));

        var super = await shared.CreateUserAsync("super_admin");
        await shared.As((await shared.CreateUserAsync("admin")).Secret).AssertRefusedAsync(HttpStatusCode.Forbidden, HttpMethod.Post, $"users/{super.Row.UserId}/disable");
    }

    [Fact]
    public async Task Users_are_listed_in_pages_and_found_by_their_address()
    {
        var user = await shared.CreateUserAsync("analyst");
        await shared.CreateUserAsync();
        var email = (string)(await shared.Root().DoAsync(HttpMethod.Get, $"users/{user.Row.UserId}"))!["user"]!["email"]!;

        var first = await shared.Root().DoAsync(HttpMethod.Get, "users?limit=1");
        Assert.Equal((1, true), (first!["items"]!.AsArray().Count, (bool)first["has_more"]!));
        var second = await shared.Root().DoAsync(HttpMethod.Get, "users?limit=1&offset=1");
        Assert.NotEqual((string)first["items"]![0]!["id"]!, (string)second!["items"]![0]!["id"]!);
        Assert.Equal([user.Row.UserId.ToString()], AdminUsers.Ids(await shared.Root().DoAsync(HttpMethod.Get, $"users?search={email[2..20].ToUpperInvariant()}")));
        Assert.Contains(user.Row.UserId.ToString(), AdminUsers.Ids(await shared.Root().DoAsync(HttpMethod.Get, "users?role=analyst")));
        Assert.Empty(AdminUsers.Ids(await shared.Root().DoAsync(HttpMethod.Get, "users?search=%25")));
        foreach (var query in new[] { "limit=0", "limit=201", "offset=-1", "search=%00" })
            await shared.Root().AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Get, $"users?{query}");
        await shared.Root().AssertRefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"users/{Guid.NewGuid()}");
    }

    [Fact]
    public async Task A_list_takes_the_same_number_of_queries_however_long_it_is()
    {
        var admin = shared.As((await shared.CreateUserAsync("admin")).Secret);
        await admin.DoAsync(HttpMethod.Get, "users?limit=1");
        foreach (var area in Areas)
        {
            var short_ = await CountAsync(() => admin.DoAsync(HttpMethod.Get, $"{area}?limit=1"));
            var long_ = await CountAsync(() => admin.DoAsync(HttpMethod.Get, $"{area}?limit=100"));
            Assert.Equal((area, short_), (area, long_));
        }

        async Task<int> CountAsync(Func<Task> act)
        {
            var before = await shared.Servers.CountStatementsAsync("execute <unnamed>: SELECT") + await shared.Servers.CountStatementsAsync("execute _p");
            await act();
            return await shared.Servers.CountStatementsAsync("execute <unnamed>: SELECT") + await shared.Servers.CountStatementsAsync("execute _p") - before;
        }
    }

    [Fact]
    public async Task Roles_of_ones_own_are_made_changed_and_deleted_and_those_of_gaia_stay()
    {
        var (root, name, user) = (shared.Root(), AdminUsers.NewName(), await shared.CreateUserAsync());
        var permission = await PermissionAsync("asset", "delete");

        await root.DoPostAsync("roles", new { name, description = "Tidies up" });
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, "roles", new { name });
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "roles", new { name = "No Name" }, "name must");
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "roles", new { name = AdminUsers.NewName(), role_type = "system" }, "role_type");
        var role = await root.DoPostAsync($"roles/{name}/permissions", new { permission_id = permission });
        Assert.Equal("delete", (string?)role!["permissions"]![0]!["action"]);
        await root.DoPostAsync($"users/{user.Row.UserId}/roles", new { role = name });
        await shared.UntilMayAsync(user, "asset/delete", true);

        await root.DoAsync(HttpMethod.Patch, $"roles/{name}", new { is_active = false });
        await shared.UntilMayAsync(user, "asset/delete", false);
        await root.DoAsync(HttpMethod.Patch, $"roles/{name}", new { is_active = true });
        await shared.UntilMayAsync(user, "asset/delete", true);
        await root.DoAsync(HttpMethod.Delete, $"roles/{name}/permissions/{permission}");
        await shared.UntilMayAsync(user, "asset/delete", false);
        await root.DoAsync(HttpMethod.Delete, $"roles/{name}");
        await root.AssertRefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"roles/{name}");

        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Delete, "roles/user", saying: "comes with Gaia");
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Patch, "roles/user", new { is_active = false });
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, "roles/user/permissions", new { permission_id = permission });
    }

    [Fact]
    public async Task Permissions_are_made_given_directly_and_banned()
    {
        var (root, user) = (shared.Root(), await shared.CreateUserAsync());
        var path = $"/kb/{AdminUsers.NewName()}/*";
        var created = await root.DoPostAsync("permissions", new { resource_type = "kb", resource_path = path, action = "read" });
        await root.AssertRefusedAsync(HttpStatusCode.Conflict, HttpMethod.Post, "permissions", new { resource_type = "kb", resource_path = path, action = "read" });
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "permissions", new { resource_type = "kb", resource_path = "/kb/../x", action = "read" }, "resource_path");

        await root.DoPostAsync($"users/{user.Row.UserId}/permissions", new { permission_id = (string)created!["id"]! });
        await shared.UntilMayAsync(user, $"kb/read{path[..^1]}a", true);
        await root.DoPostAsync($"users/{user.Row.UserId}/permissions", new { permission_id = await PermissionAsync("chat", "create"), granted = false });
        await shared.UntilMayAsync(user, "chat/create", false);
        await root.DoAsync(HttpMethod.Delete, $"users/{user.Row.UserId}/permissions/{await PermissionAsync("chat", "create")}");
        await shared.UntilMayAsync(user, "chat/create", true);
        Assert.Contains(await shared.ItemsAsync("permissions?resource_type=kb&limit=200"), item => (string?)item!["resource_path"] == path);
    }

    [Fact]
    public async Task Resources_are_granted_and_taken_back()
    {
        var (root, user, name) = (shared.Root(), await shared.CreateUserAsync(), AdminUsers.NewName());
        var grant = new { resource_type = "kb", resource_id = $"/kb/shared/{name}", principal_type = "user", principal_id = user.Row.UserId.ToString(), permissions = new[] { "write" } };

        var granted = await root.DoPostAsync("permissions/resources", grant);
        await shared.UntilMayAsync(user, $"kb/write/kb/shared/{name}", true);
        Assert.Single(await shared.ItemsAsync($"permissions/resources?principal_id={user.Row.UserId}"));
        await root.DoAsync(HttpMethod.Delete, $"permissions/resources/{granted!["id"]}");
        await shared.UntilMayAsync(user, $"kb/write/kb/shared/{name}", false);

        await root.AssertRefusedAsync(HttpStatusCode.NotFound, HttpMethod.Post, "permissions/resources", grant with { principal_id = Guid.NewGuid().ToString() });
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "permissions/resources", grant with { resource_id = "/kb/../a" });
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "permissions/resources", grant with { permissions = [] });
        await root.AssertRefusedAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, "permissions/resources", grant with { principal_type = "planet" });
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"role": 7}""")]
    [InlineData("""{"role": "\u0000"}""")]
    [InlineData("""{"role": "\ud800"}""")]
    [InlineData("""{"\ud800": 1, "role": "user"}""")]
    [InlineData("""{"role": "user", "expires_at": "soon"}""")]
    public async Task A_body_that_cannot_be_read_is_a_client_error(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/admin/users/{(await shared.CreateUserAsync()).Row.UserId}/roles")
        {
            Headers = { { "X-API-Key", AuthHost.DevelopmentKey } },
            Content = new StringContent(body, null, "application/json"),
        };
        using var response = await shared.Auth.Client.SendAsync(request);
        Assert.InRange((int)response.StatusCode, 400, 499);
    }

    private async Task<AccessFixture> OwnAsync()
    {
        var own = new AccessFixture(shared.Servers);
        await own.InitializeAsync();
        return own;
    }

    private async Task<string> PermissionAsync(string type, string action) =>
        (await NativeServers.QueryAsync<Guid>(shared.Database, $"SELECT id FROM permissions WHERE resource_type = '{type}' AND action = '{action}' AND resource_path = '*'")).ToString();

    private async Task<HttpStatusCode> StatusAsync(string path, CreatedApiKey key) => (await shared.Probe.AskAsync(path, ("X-API-Key", key.Secret))).Status;

    private async Task<bool> CheckAsync(CreatedApiKey user, string resource_type, string action, string? path, string? context_type = null, string? context_id = null) =>
        (bool)(await shared.Root().DoPostAsync("permissions/check", new { user_id = user.Row.UserId, resource_type, action, path, context_type, context_id }))!["allowed"]!;
}

using System.Net;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Auth.Access;

/// <summary>Roles and permissions that the legacy system made, with rows in them.</summary>
[Collection(SharedServers.Name)]
public sealed class AccessTakeoverTests(NativeServers servers)
{
    private const string AdminKey = "gaia_LOCAL_abcdefghijABCDEFGHIJ0123456789ab";
    private const string UserKey = "gaia_LOCAL_bbbbbbbbbbABCDEFGHIJ0123456789ab";
    private const string NewKey = "gaia_LOCAL_ccccccccccABCDEFGHIJ0123456789ab";
    private const string AdminId = "0f8fad5b-d9cb-469f-a165-70867728950e";
    private const string UserId = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    private const string NewId = "16fd2706-8baf-433b-82eb-8c7fada847da";

    /// <summary>As its fourth migration made them.</summary>
    private const string Schema = """
        CREATE TABLE users (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), email VARCHAR(255) UNIQUE NOT NULL, name VARCHAR(255));
        CREATE TABLE api_keys (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE, key_hash VARCHAR(64) UNIQUE NOT NULL,
            permissions JSONB DEFAULT '{}', is_active BOOLEAN DEFAULT true);
        CREATE TABLE roles (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(100) UNIQUE NOT NULL, display_name VARCHAR(255) NOT NULL, description TEXT,
            role_type VARCHAR(50) NOT NULL CHECK (role_type IN ('system', 'custom', 'team', 'workspace')), is_active BOOLEAN DEFAULT true,
            metadata JSONB DEFAULT '{}', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE permissions (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), resource_type VARCHAR(100) NOT NULL, resource_path VARCHAR(500), action VARCHAR(50) NOT NULL,
            description TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, UNIQUE (resource_type, resource_path, action));
        CREATE TABLE role_permissions (
            role_id UUID REFERENCES roles(id) ON DELETE CASCADE, permission_id UUID REFERENCES permissions(id) ON DELETE CASCADE,
            granted_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, granted_by UUID REFERENCES users(id), PRIMARY KEY (role_id, permission_id));
        CREATE TABLE user_roles (
            user_id UUID REFERENCES users(id) ON DELETE CASCADE, role_id UUID REFERENCES roles(id) ON DELETE CASCADE, context_type VARCHAR(50), context_id VARCHAR(500),
            assigned_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, assigned_by UUID REFERENCES users(id), expires_at TIMESTAMP, PRIMARY KEY (user_id, role_id, context_type, context_id));
        CREATE TABLE teams (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(100) UNIQUE NOT NULL, display_name VARCHAR(255) NOT NULL, description TEXT,
            parent_team_id UUID REFERENCES teams(id), metadata JSONB, is_active BOOLEAN DEFAULT true, created_at TIMESTAMP, created_by UUID, updated_at TIMESTAMP);
        CREATE TABLE team_members (
            team_id UUID REFERENCES teams(id) ON DELETE CASCADE, user_id UUID REFERENCES users(id) ON DELETE CASCADE, team_role VARCHAR(50) DEFAULT 'member',
            joined_at TIMESTAMP, invited_by UUID, PRIMARY KEY (team_id, user_id));
        CREATE TABLE resource_permissions (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), resource_type VARCHAR(100) NOT NULL, resource_id VARCHAR(500) NOT NULL, principal_type VARCHAR(50) NOT NULL,
            principal_id VARCHAR(500) NOT NULL, permissions TEXT[] NOT NULL, granted_by UUID, granted_at TIMESTAMP, expires_at TIMESTAMP, metadata JSONB,
            UNIQUE (resource_type, resource_id, principal_type, principal_id));
        """;

    private static readonly string Rows = $$"""
        INSERT INTO users (id, email) VALUES ('{{AdminId}}', 'admin@example.test'), ('{{UserId}}', 'user@example.test'), ('{{NewId}}', 'new@example.test');
        INSERT INTO api_keys (user_id, key_hash) VALUES
            ('{{AdminId}}', '{{Credential.Hash(AdminKey)}}'), ('{{UserId}}', '{{Credential.Hash(UserKey)}}'), ('{{NewId}}', '{{Credential.Hash(NewKey)}}');
        """;

    [Fact]
    public async Task They_work_as_before_but_for_a_users_way_into_the_administration()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, Schema + Rows + $"""
            INSERT INTO roles (name, display_name, role_type) VALUES ('admin', 'The old admin', 'system'), ('user', 'The old user', 'system'), ('tester', 'Tester', 'custom');
            INSERT INTO permissions (resource_type, resource_path, action) VALUES
                ('api', '/api/v1/admin/*', 'access'), ('api', '/api/v1/chat/*', 'access'), ('test', '*', 'run'), ('kb', '/kb/*', 'read');
            INSERT INTO role_permissions (role_id, permission_id) SELECT roles.id, permissions.id FROM roles, permissions
                WHERE (roles.name = 'user' AND resource_type = 'api') OR (roles.name = 'tester' AND resource_type = 'test');
            INSERT INTO user_roles (user_id, role_id, context_type, context_id) SELECT '{AdminId}', id, 'global', 'global' FROM roles WHERE name IN ('admin', 'tester');
            INSERT INTO user_roles (user_id, role_id, context_type, context_id) SELECT '{UserId}', id, '', '' FROM roles WHERE name = 'user';
            INSERT INTO teams (name, display_name) VALUES ('old-team', 'Old team');
            INSERT INTO team_members (team_id, user_id) SELECT id, '{UserId}' FROM teams;
            INSERT INTO resource_permissions (resource_type, resource_id, principal_type, principal_id, permissions) SELECT 'kb', '/kb/old/*', 'team', id::text, ARRAY['read'] FROM teams;
            """);

        await using var auth = await AuthHost.StartAsync(servers, database, "Production");
        await using var probe = await ProbeHost.StartAsync(servers, auth.Url);

        Assert.Equal("admin tester", (await probe.AskAsync(AdminKey))["roles"]);
        await AssertMayAsync(probe, AdminKey, yes: ["test/run", "admin/users", "kb/delete/kb/a"], no: ["admin/system"]);
        Assert.Equal("user", (await probe.AskAsync(UserKey))["roles"]);
        await AssertMayAsync(probe, UserKey, yes: ["chat/create", "api/access/api/v1/chat", "kb/read/kb/old/a"], no: ["api/access/api/v1/admin", "admin/users"]);
        // Who had no role at all is a user.
        Assert.Equal("user", (await probe.AskAsync(NewKey))["roles"]);
        Assert.Equal("The old admin", await NativeServers.QueryAsync<string>(database, "SELECT display_name FROM roles WHERE name = 'admin'"));
        Assert.Equal((12L, 23L), (await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM roles"), await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM permissions")));
    }

    [Fact]
    public async Task An_earlier_variant_with_other_names_is_completed()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, $$"""
            CREATE TABLE users (id UUID PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL);
            CREATE TABLE api_keys (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id UUID NOT NULL, key_hash CHAR(64) UNIQUE NOT NULL, permissions JSONB, is_active BOOLEAN DEFAULT true);
            CREATE TABLE roles (id UUID PRIMARY KEY, name VARCHAR(100) UNIQUE NOT NULL, type VARCHAR(50) NOT NULL);
            CREATE TABLE teams (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), name VARCHAR(100) UNIQUE NOT NULL);
            CREATE TABLE team_members (team_id UUID NOT NULL, user_id UUID NOT NULL, role VARCHAR(50) NOT NULL, PRIMARY KEY (team_id, user_id));
            CREATE TABLE user_roles (id SERIAL PRIMARY KEY, user_id UUID NOT NULL, role_id UUID NOT NULL);
            INSERT INTO roles VALUES (gen_random_uuid(), 'admin', 'system');
            """ + Rows + $"""
            INSERT INTO user_roles (user_id, role_id) SELECT '{AdminId}', id FROM roles;
            INSERT INTO teams (name) VALUES ('crew');
            INSERT INTO team_members SELECT id, '{UserId}', 'owner' FROM teams;
            """);

        await using var auth = await AuthHost.StartAsync(servers, database, "Production");
        await using var probe = await ProbeHost.StartAsync(servers, auth.Url);

        Assert.Equal(("admin", "user"), ((await probe.AskAsync(AdminKey))["roles"], (await probe.AskAsync(UserKey))["roles"]));
        await AssertMayAsync(probe, AdminKey, yes: ["admin/users"], no: ["admin/system"]);
        Assert.Equal("owner", await NativeServers.QueryAsync<string>(database, "SELECT team_role FROM team_members"));
        using var roles = await auth.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/v1/admin/roles") { Headers = { { "X-API-Key", AdminKey } } });
        Assert.Equal(HttpStatusCode.OK, roles.StatusCode);
    }

    private static async Task AssertMayAsync(ProbeHost probe, string key, string[] yes, string[] no)
    {
        foreach (var (asked, expected) in yes.Select(path => (path, "yes")).Concat(no.Select(path => (path, "no"))))
            Assert.Equal((asked, expected), (asked, (await probe.AskAsync($"/may/{asked}", ("X-API-Key", key))).Body));
    }
}

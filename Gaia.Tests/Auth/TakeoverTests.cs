using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.Tests.Auth;

/// <summary>A database that the legacy system made, with rows in it.</summary>
[Collection(SharedServers.Name)]
public sealed class TakeoverTests(NativeServers servers)
{
    private const string GeneratedKey = "gaia_LOCAL_abcdefghijABCDEFGHIJ0123456789ab";
    private const string ScriptKey = "gaia-prod-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string InactiveKey = "gaia_dev_abcdefghijABCDEFGHIJ0123456789ab";
    private const string ExpiredKey = "gaia_dev_zzzzzzzzzzABCDEFGHIJ0123456789ab";
    private const string UserId = "0f8fad5b-d9cb-469f-a165-70867728950e";

    /// <summary>As its database script made them, with the trigger and a table of another service that refers to users.</summary>
    private const string Schema = """
        CREATE TABLE users (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), email VARCHAR(255) UNIQUE NOT NULL, name VARCHAR(255),
            created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE api_keys (
            id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
            key_hash VARCHAR(64) UNIQUE NOT NULL, name VARCHAR(255), permissions JSONB DEFAULT '{}', is_active BOOLEAN DEFAULT true,
            expires_at TIMESTAMP, last_used_at TIMESTAMP, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
        CREATE INDEX idx_api_keys_user_id ON api_keys(user_id);
        CREATE FUNCTION update_updated_at_column() RETURNS TRIGGER AS $$ BEGIN NEW.updated_at = CURRENT_TIMESTAMP; RETURN NEW; END; $$ LANGUAGE plpgsql;
        CREATE TRIGGER update_users_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
        CREATE TABLE conversations (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE);
        CREATE TABLE schema_migrations (
            id SERIAL PRIMARY KEY, migration_name VARCHAR(255) UNIQUE NOT NULL, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, checksum VARCHAR(64), execution_time_ms INTEGER);
        INSERT INTO schema_migrations (migration_name) VALUES ('001_initial');
        """;

    [Fact]
    public async Task Its_users_and_keys_work_as_before()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, Schema + $$"""
            INSERT INTO users (id, email, name) VALUES ('{{UserId}}', 'old@example.test', 'Old');
            INSERT INTO conversations (user_id) VALUES ('{{UserId}}');
            INSERT INTO api_keys (user_id, key_hash, permissions, is_active, expires_at) VALUES
                ('{{UserId}}', '{{Credential.Hash(GeneratedKey)}}', '{"kb_access": true}', true, NULL),
                ('{{UserId}}', '{{Credential.Hash(ScriptKey)}}', '{"admin": true, "environment": "prod"}', true, (now() AT TIME ZONE 'utc') + interval '1 day'),
                ('{{UserId}}', '{{Credential.Hash(InactiveKey)}}', NULL, false, NULL),
                ('{{UserId}}', '{{Credential.Hash(ExpiredKey)}}', '[]', true, (now() AT TIME ZONE 'utc') - interval '1 second');
            """);

        await using var auth = await AuthHost.StartAsync(servers, database, "Production");

        foreach (var (key, role) in new[] { (GeneratedKey, "kb_contributor"), (ScriptKey, "admin") })
        {
            var answer = await ExchangeAsync(auth, key);
            Assert.Equal((true, UserId, "old@example.test"), ((bool)answer["valid"]!, (string?)answer["user_id"], (string?)answer["email"]));
            // What an operator wrote into the key's permissions gives its user something and limits nothing.
            Assert.Equal("[]", answer["scopes"]!.ToJsonString());
            var token = new JsonWebToken((string)answer["internal_token"]!);
            Assert.Equal(["user", role], token.GetPayloadValue<string[]>(InternalTokenClaims.Roles));
            Assert.Equal([role], token.GetPayloadValue<string[]>(InternalTokenClaims.KeyRoles));
        }

        Assert.False((bool)(await ExchangeAsync(auth, InactiveKey))["valid"]!);
        Assert.False((bool)(await ExchangeAsync(auth, ExpiredKey))["valid"]!);
        Assert.Equal(1L, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM users"));
        Assert.Equal(4L, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM api_keys"));
    }

    [Fact]
    public async Task Its_users_get_an_account_by_confirming_their_address_and_keep_what_was_theirs()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, Schema + $$"""
            INSERT INTO users (id, email, name) VALUES ('{{UserId}}', 'Old@Example.Test', 'Old');
            INSERT INTO conversations (user_id) VALUES ('{{UserId}}');
            INSERT INTO api_keys (user_id, key_hash, permissions) VALUES ('{{UserId}}', '{{Credential.Hash(GeneratedKey)}}', '{}');
            """);
        await using var auth = await AuthHost.StartAsync(servers, database, "Production");

        var (_, registered) = await auth.PostAsync("register", new { email = "old@example.test", password = UserRequests.Password });
        Assert.Null(registered["session"]);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await auth.PostAsync("login", new { email = "old@example.test", password = UserRequests.Password })).Status);
        await auth.PostAsync("confirm", new { token = await UserRequests.MailedTokenAsync(database, "old@example.test"), email = "old@example.test" });
        var user = await auth.LoginAsync("old@example.test");

        Assert.Equal(UserId, (string?)(await auth.ExchangeAsync(user.AccessToken))["user_id"]);
        Assert.Equal(UserId, (string?)(await ExchangeAsync(auth, GeneratedKey))["user_id"]);
        Assert.Equal(1L, await NativeServers.QueryAsync<long>(database, $"SELECT count(*) FROM conversations WHERE user_id = '{UserId}'"));
    }

    [Fact]
    public async Task The_smaller_tables_of_its_portable_script_work_too()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, $$"""
            CREATE TABLE users (id UUID PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL);
            CREATE TABLE api_keys (id UUID PRIMARY KEY, user_id UUID NOT NULL, key_hash CHAR(64) UNIQUE NOT NULL, permissions JSONB, is_active BOOLEAN DEFAULT true);
            INSERT INTO users VALUES ('{{UserId}}', 'dev@gaia.local');
            INSERT INTO api_keys VALUES (gen_random_uuid(), '{{UserId}}', '{{Credential.Hash(ScriptKey)}}', '{"admin": true}');
            """);

        await using var auth = await AuthHost.StartAsync(servers, database);

        Assert.Equal(UserId, (string?)(await ExchangeAsync(auth, ScriptKey))["user_id"]);
        Assert.Equal(UserId, (string?)(await ExchangeAsync(auth, AuthHost.DevelopmentKey))["user_id"]);
    }

    private static async Task<JsonNode> ExchangeAsync(AuthHost auth, string key)
    {
        using var response = await auth.AsService.PostAsJsonAsync("/internal/validate", new { api_key = key });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }
}

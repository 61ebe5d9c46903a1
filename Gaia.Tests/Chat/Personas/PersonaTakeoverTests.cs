using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Personas;

/// <summary>The personas of a database that the legacy system made show up and go on.</summary>
[Collection(SharedServers.Name)]
public sealed class PersonaTakeoverTests(NativeServers servers)
{
    private const string Tables = """
        CREATE TABLE personas (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(100) UNIQUE NOT NULL, description text NOT NULL, system_prompt text NOT NULL,
            personality_traits jsonb DEFAULT '{}', capabilities jsonb DEFAULT '{}', is_active boolean DEFAULT true, created_by varchar(255),
            created_at timestamptz DEFAULT CURRENT_TIMESTAMP, updated_at timestamptz DEFAULT CURRENT_TIMESTAMP);
        CREATE INDEX idx_personas_name ON personas (name);
        CREATE TABLE user_persona_preferences (user_id varchar(255) PRIMARY KEY, persona_id uuid NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
            updated_at timestamptz DEFAULT CURRENT_TIMESTAMP);
        CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at = CURRENT_TIMESTAMP; RETURN NEW; END';
        CREATE TRIGGER update_personas_updated_at BEFORE UPDATE ON personas FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
        """;

    [Theory]
    [InlineData("")]
    [InlineData("CREATE UNIQUE INDEX ix_personas_name ON personas (name);")]
    public async Task Legacy_personas_and_preferences_go_on(string uniqueBy)
    {
        var tables = uniqueBy.Length == 0 ? Tables : Tables.Replace("UNIQUE NOT NULL", "NOT NULL", StringComparison.Ordinal) + uniqueBy;
        var database = await servers.CreateDatabaseAsync();
        await using var auth = await AuthHost.StartAsync(servers, database);
        var key = await auth.CreateKeyAsync();
        var owner = key.Row.UserId;
        await NativeServers.ExecuteAsync(database, tables + $$"""
            INSERT INTO personas (id, name, description, system_prompt, personality_traits, is_active, created_by, created_at, updated_at) VALUES
                ('c0000000-0000-4000-8000-000000000001', 'Mu', 'A cheerful robot companion of 2025', 'You are the Mu of 2025. {tools_section}', '{"cheerful": true}', NULL, 'system', '2025-07-01 10:00+00', NULL),
                ('c0000000-0000-4000-8000-000000000002', 'Pirate', 'Own', 'You are a pirate.', NULL, true, '{{owner}}', '2025-07-02 10:00+02', '2025-07-02 10:00+02'),
                ('c0000000-0000-4000-8000-000000000003', 'Shared', 'Of nobody', 'You are shared.', '["not an object"]', true, NULL, '2025-07-03 10:00+00', '2025-07-03 10:00+00'),
                ('c0000000-0000-4000-8000-000000000004', 'Foreign', 'Of another', 'You are foreign.', '{}', true, '{{Guid.NewGuid()}}', '2025-07-04 10:00+00', '2025-07-04 10:00+00');
            INSERT INTO user_persona_preferences (user_id, persona_id) VALUES ('{{owner}}', 'c0000000-0000-4000-8000-000000000002');
            """);
        await using var provider = await ScriptedProvider.StartAsync();
        await using var chat = await PersonaFixture.UntilWarmAsync(await ChatHost.StartAsync(servers, database, auth.Url, provider, ("Chat:DefaultPersona", "Mu")));
        using var user = new PersonaUser(chat.As(key.Secret), key.Secret, owner);
        using var newcomer = chat.As((await auth.CreateKeyAsync()).Secret);

        Assert.Equal(["Shared", "Pirate", "Mu"], await user.NamesAsync());
        var pirate = (await user.OkAsync("GET", $"{PersonaUser.V02}/current")).GetProperty("persona");
        Assert.Equal("2025-07-02T08:00:00.000000+00:00", pirate.GetProperty("created_at").GetString());
        Assert.Equal(JsonValueKind.Object, pirate.GetProperty("personality_traits").ValueKind);

        provider.Reply("Arr.").Reply("Beep.");
        await user.Caller.AskAsync(new { message = "Still there?" });
        Assert.Equal([("system", PersonaFixture.With("You are a pirate.")), ("user", "Still there?")], provider.Requests[^1].Messages);
        await newcomer.AskAsync(new { message = "And you?" });
        Assert.StartsWith(PersonaFixture.With("You are the Mu of 2025."), provider.Requests[^1].Messages[0].Text, StringComparison.Ordinal);

        await user.OkAsync("PUT", $"{PersonaUser.V02}/{pirate.GetProperty("id").GetString()}", new { system_prompt = "You are a captain." });
        // What another one calls a persona is no longer anybody's business.
        await user.CreateAsync("Foreign", "You are my own.");
        Assert.Equal("You are my own.", (await user.OkAsync("GET", PersonaUser.V02)).GetProperty("personas")[0].GetProperty("system_prompt").GetString());
        Assert.Equal(1, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM personas WHERE name = 'Mu'"));
    }

    [Fact]
    public async Task A_name_that_one_owner_has_twice_is_told_apart()
    {
        var database = await servers.CreateDatabaseAsync();
        await using var auth = await AuthHost.StartAsync(servers, database);
        var key = await auth.CreateKeyAsync();
        await NativeServers.ExecuteAsync(database, Tables.Replace("UNIQUE NOT NULL", "NOT NULL", StringComparison.Ordinal) + $$"""
            INSERT INTO personas (id, name, description, system_prompt, created_by, created_at) VALUES
                ('c0000000-0000-4000-8000-000000000001', 'Twin', 'd', 'The elder.', '{{key.Row.UserId}}', '2025-07-01 10:00+00'),
                ('d0000000-0000-4000-8000-000000000002', 'Twin', 'd', 'The younger.', '{{key.Row.UserId}}', '2025-07-02 10:00+00'),
                ('d0000000-0000-4000-8000-000000000003', 'Twin', 'd', 'Of another.', '{{Guid.NewGuid()}}', '2025-07-03 10:00+00');
            """);
        await using var provider = await ScriptedProvider.StartAsync();
        await using var chat = await PersonaFixture.UntilWarmAsync(await ChatHost.StartAsync(servers, database, auth.Url, provider));
        using var user = new PersonaUser(chat.As(key.Secret), key.Secret, key.Row.UserId);

        Assert.Equal(["Mu", "Twin (d0000000)", "Twin"], await user.NamesAsync());
        Assert.Equal("The younger.", (await user.OkAsync("GET", $"{PersonaUser.V02}/d0000000-0000-4000-8000-000000000002")).GetProperty("persona").GetProperty("system_prompt").GetString());
        Assert.Equal(2, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM personas WHERE name = 'Twin'"));
    }
}

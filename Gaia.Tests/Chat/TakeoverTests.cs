using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

/// <summary>A database that the legacy system made, with rows, is taken over as it is.</summary>
[Collection(SharedServers.Name)]
public sealed class TakeoverTests(NativeServers servers)
{
    private const string Legacy = """
        CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(255) UNIQUE NOT NULL, name varchar(255),
            created_at timestamp DEFAULT CURRENT_TIMESTAMP, updated_at timestamp DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE conversations (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            title varchar(255) NOT NULL DEFAULT 'New Conversation', preview text, is_active boolean DEFAULT true,
            created_at timestamp DEFAULT CURRENT_TIMESTAMP, updated_at timestamp DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE chat_messages (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES users (id),
            conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE, role varchar(50) NOT NULL, content text NOT NULL,
            model varchar(100), provider varchar(50), tokens_used integer, created_at timestamp DEFAULT CURRENT_TIMESTAMP);
        CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.updated_at = CURRENT_TIMESTAMP; RETURN NEW; END';
        CREATE TRIGGER update_conversations_updated_at BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
        INSERT INTO users (id, email, name) VALUES ('a0000000-0000-4000-8000-000000000001', 'dev@gaia.local', 'Local Development User');
        INSERT INTO conversations (id, user_id, title, preview, is_active, created_at, updated_at) VALUES
            ('b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'Welcome to Gaia', NULL, NULL, '2025-07-01 10:00', '2025-07-01 10:00'),
            ('b0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001', 'Deleted', NULL, false, '2025-07-01 10:00', '2025-07-01 10:00');
        INSERT INTO chat_messages (user_id, conversation_id, role, content, created_at) VALUES
            ('a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 'user', 'Hello from 2025', '2025-07-01 10:00:01'),
            ('a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 'assistant', 'Hello!', '2025-07-01 10:00:02');
        """;

    /// <summary>The smaller schema of other legacy scripts: no keys between tables, titles and times that may be missing.</summary>
    private const string Loose = """
        CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(255) UNIQUE NOT NULL, name varchar(255),
            created_at timestamp DEFAULT CURRENT_TIMESTAMP, updated_at timestamp DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE conversations (id uuid, user_id uuid NOT NULL, title varchar(255), preview text, is_active boolean, created_at timestamp, updated_at timestamp);
        CREATE TABLE chat_messages (id uuid DEFAULT gen_random_uuid(), user_id uuid NOT NULL, conversation_id uuid NOT NULL, role varchar(50) NOT NULL, content text NOT NULL,
            model varchar(100), provider varchar(50), tokens_used integer, created_at timestamp DEFAULT CURRENT_TIMESTAMP);
        INSERT INTO users (id, email, name) VALUES ('a0000000-0000-4000-8000-000000000001', 'dev@gaia.local', 'Local Development User');
        INSERT INTO conversations (id, user_id, title, preview, is_active, created_at, updated_at) VALUES
            ('b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', NULL, 'an old preview', NULL, NULL, '2025-07-01 10:00');
        INSERT INTO chat_messages (user_id, conversation_id, role, content, created_at) VALUES
            ('a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 'user', 'A loose question about otters', '2025-07-01 10:00:01'),
            ('a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 'assistant', 'A loose answer', '2025-07-01 10:00:01');
        """;

    [Fact]
    public async Task Legacy_conversations_show_up_and_go_on()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, Legacy);
        await using var auth = await AuthHost.StartAsync(servers, database);
        await using var provider = await ScriptedProvider.StartAsync();
        await using var chat = await ChatHost.StartAsync(servers, database, auth.Url, provider);
        using var dev = chat.As(AuthHost.DevelopmentKey);

        var conversation = Assert.Single((await dev.GetAsync("/api/v1/conversations")).GetProperty("conversations").EnumerateArray());
        Assert.Equal("Welcome to Gaia", conversation.GetProperty("title").GetString());
        Assert.Equal("2025-07-01T10:00:00.000000", conversation.GetProperty("updated_at").GetString());

        provider.Reply("Hello again.");
        await dev.SayAsync("Still there?", conversation.GetProperty("id").GetString());
        Assert.Equal([("system", ChatHost.SystemPrompt), ("user", "Hello from 2025"), ("assistant", "Hello!"), ("user", "Still there?")], provider.Requests[^1].Messages);
        Assert.Equal(4, (await dev.MessagesAsync(conversation.GetProperty("id").GetString()!)).Count);

        Assert.Equal(conversation.GetProperty("id").GetString(), Assert.Single((await dev.GetAsync("/api/v1/conversations/search?query=hello 2025")).GetProperty("conversations").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("""{"total_conversations":1,"total_messages":4}""", (await dev.GetAsync("/api/v1/conversations/stats")).GetRawText());

        // Users may live elsewhere now, and nothing but the service touches its times.
        Assert.Equal(0, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = 'users'::regclass AND conrelid IN ('conversations'::regclass, 'chat_messages'::regclass)"));
        Assert.Equal(0, await NativeServers.QueryAsync<long>(database, "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'conversations'::regclass AND NOT tgisinternal"));
    }

    [Fact]
    public async Task Conversations_of_a_legacy_database_without_keys_show_up_are_found_and_go_on()
    {
        var database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(database, Loose);
        await using var auth = await AuthHost.StartAsync(servers, database);
        await using var provider = await ScriptedProvider.StartAsync();
        await using var chat = await ChatHost.StartAsync(servers, database, auth.Url, provider);
        using var dev = chat.As(AuthHost.DevelopmentKey);

        var conversation = Assert.Single((await dev.GetAsync("/api/v1/conversations?limit=10")).GetProperty("conversations").EnumerateArray());
        Assert.Equal(("New Conversation", "an old preview"), (conversation.GetProperty("title").GetString(), conversation.GetProperty("preview").GetString()));
        var id = conversation.GetProperty("id").GetString()!;
        Assert.Equal(id, Assert.Single((await dev.GetAsync("/api/v1/conversations/search?query=otters")).GetProperty("conversations").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(id, Assert.Single((await dev.GetAsync("/api/v1/conversations/search?query=old prev")).GetProperty("conversations").EnumerateArray()).GetProperty("id").GetString());

        provider.Reply("A new answer.");
        await dev.SayAsync("Go on", id);
        Assert.Equal(["A loose question about otters", "A loose answer", "Go on", "A new answer."], (await dev.MessagesAsync(id)).Select(message => message.Content));
    }
}

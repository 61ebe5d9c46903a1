using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Conversations;

internal static class ConversationCalls
{
    public const string Root = "/api/v1/conversations";

    public static async Task<(int Status, JsonElement Body)> SendAsync(this ChatCaller caller, string method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await caller.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public static async Task<string> CreateAsync(this ChatCaller caller, string title)
    {
        var (status, body) = await caller.SendAsync("POST", Root, new { title });
        Assert.Equal(201, status);
        return body.Text("id");
    }

    public static async Task<string> AddAsync(this ChatCaller caller, string conversation, string role, string content)
    {
        var (status, body) = await caller.SendAsync("POST", $"{Root}/{conversation}/messages", new { role, content });
        Assert.Equal(201, status);
        return body.Text("id");
    }

    public static async Task<IReadOnlyList<string>> MessageIdsAsync(this ChatCaller caller, string conversation) =>
        [.. (await caller.GetAsync($"{Root}/{conversation}/messages")).GetProperty("messages").EnumerateArray().Select(message => message.Text("id"))];

    public static IReadOnlyList<string> Ids(this JsonElement list, string name = "id") =>
        [.. list.GetProperty("conversations").EnumerateArray().Select(conversation => conversation.Text(name))];

    public static string Text(this JsonElement item, string name) => item.GetProperty(name).GetString()!;

    /// <summary>Follows a list to its end and returns its pages.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> PagesAsync(this ChatCaller caller, string path)
    {
        var pages = new List<IReadOnlyList<string>>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await caller.GetAsync(cursor.Length == 0 ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}");
            pages.Add(page.Ids());
            cursor = page.GetProperty("next_cursor").GetString();
        }

        return pages;
    }

    /// <summary>The conversation that the answers of the routes without conversations are kept in.</summary>
    public static async Task<string> HiddenMemoryAsync(this ChatFixture fixture, string content)
    {
        var (hidden, user) = (Guid.NewGuid(), await fixture.QueryAsync<Guid>("SELECT user_id FROM conversations ORDER BY created_at LIMIT 1"));
        await NativeServers.ExecuteAsync(fixture.Database, $"""
            INSERT INTO conversations (id, user_id, title, preview, memory, is_active) VALUES ('{hidden}', '{user}', '{content}', '{content}', 'user', true);
            INSERT INTO chat_messages (user_id, conversation_id, role, content) VALUES ('{user}', '{hidden}', 'user', '{content}')
            """);
        return hidden.ToString();
    }
}

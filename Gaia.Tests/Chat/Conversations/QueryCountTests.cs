using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

/// <summary>A thousand messages cost as many queries as ten, whatever is asked of a conversation.</summary>
[Collection(SharedServers.Name)]
public sealed class QueryCountTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("GET", "?limit=50")]
    [InlineData("GET", "/stats")]
    [InlineData("GET", "/search?query=message&limit=50")]
    [InlineData("GET", "/{0}/messages")]
    [InlineData("GET", "/{0}/messages?limit=50")]
    [InlineData("GET", "/{0}/messages?limit=50&before={1}")]
    [InlineData("GET", "/{0}/export?format=markdown")]
    [InlineData("GET", "/{0}/export?format=json")]
    [InlineData("POST", "/{0}/branch")]
    [InlineData("POST", "/{0}/share")]
    [InlineData("GET", "shared")]
    [InlineData("POST", "/{0}/messages/{2}/edit")]
    [InlineData("POST", "/{0}/messages/{1}/regenerate")]
    [InlineData("DELETE", "/{0}/messages")]
    public async Task A_thousand_messages_cost_as_many_queries_as_ten(string method, string path)
    {
        fixture.Provider.Reply("ok");
        var counts = new List<(int Length, int Statements)>();
        // Twice each, for what is asked once in a process or meanwhile in the background.
        foreach (var length in new[] { 10, 1000, 10, 1000 })
        {
            var conversation = await fixture.Alice.CreateAsync("one of many");
            await NativeServers.ExecuteAsync(fixture.Database, $"""
                INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
                SELECT gen_random_uuid(), user_id, id, CASE i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'message ' || i, created_at + i * interval '1 millisecond'
                FROM conversations, generate_series(0, {length - 1}) AS i WHERE id = '{conversation}'
                """);
            var messages = await fixture.Alice.MessageIdsAsync(conversation);
            var share = path == "shared" ? (await fixture.Alice.SendAsync("POST", $"{Root}/{conversation}/share")).Body.Text("url") : null;
            var target = share ?? Root + path.Replace("{0}", conversation).Replace("{1}", messages[^1]).Replace("{2}", messages[^2]);

            var before = await StatementsAsync();
            using var request = new HttpRequestMessage(new HttpMethod(method), target);
            if (method == "POST")
                request.Content = new StringContent($$"""{"message_id": "{{messages[^1]}}", "content": "in other words"}""");
            using var response = await fixture.Alice.Client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
            counts.Add((length, await StatementsAsync() - before));
        }

        Assert.All(counts, count => Assert.True(count.Statements > 0));
        Assert.Equal(Least(10), Least(1000));

        int Least(int length) => counts.Where(count => count.Length == length).Min(count => count.Statements);
    }

    /// <summary>Of the tables of conversations; each statement that was executed names at least one of them.</summary>
    private async Task<int> StatementsAsync() =>
        await fixture.Servers.CountStatementsAsync("chat_messages") + await fixture.Servers.CountStatementsAsync("FROM conversation");
}

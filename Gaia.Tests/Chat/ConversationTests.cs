using System.Globalization;
using System.Net;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class ConversationTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    public static TheoryData<string, string> RoutesWithAnId => new()
    {
        { "GET", "/api/v1/conversations/{0}" },
        { "GET", "/api/v1/conversations/{0}/messages" },
        { "DELETE", "/api/v1/conversations/{0}" },
        { "POST", "/api/v1/chat" },
        { "POST stream", "/api/v1/chat" },
    };

    [Theory]
    [InlineData("""{"title": "Garden plans"}""", "Garden plans")]
    [InlineData("{}", "New Conversation")]
    [InlineData("", "New Conversation")]
    [InlineData("""{"title": null}""", "New Conversation")]
    [InlineData("""{"title": "  "}""", "New Conversation")]
    public async Task A_conversation_is_created_with_a_title(string body, string title)
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v1/conversations", body);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var created = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(["id", "title", "preview", "created_at", "updated_at", "is_pinned", "is_archived"], created.EnumerateObject().Select(member => member.Name));
        Assert.Equal(title, created.GetProperty("title").GetString());
        Assert.Equal("", created.GetProperty("preview").GetString());
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\z", created.GetProperty("created_at").GetString());
        Assert.Equal(created.GetRawText(), (await fixture.Alice.GetAsync($"/api/v1/conversations/{created.GetProperty("id").GetString()}")).GetRawText());
    }

    [Theory]
    [InlineData("""{"title": 5}""", "title must be a string")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{", "not valid JSON")]
    public async Task A_bad_title_is_refused(string body, string text)
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v1/conversations", body);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_title_has_at_most_255_characters()
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v1/conversations", $$"""{"title": "{{new string('t', 256)}}"}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_chat_names_its_conversation_after_the_first_message()
    {
        fixture.Provider.Reply("An answer that becomes the preview.");
        var brief = await fixture.Alice.SayAsync("Short question?");
        var wordy = await fixture.Alice.SayAsync(string.Concat(Enumerable.Repeat("😀", 60)));

        Assert.Equal("Short question?", (await fixture.Alice.GetAsync($"/api/v1/conversations/{brief}")).GetProperty("title").GetString());
        var conversation = await fixture.Alice.GetAsync($"/api/v1/conversations/{wordy}");
        Assert.Equal(string.Concat(Enumerable.Repeat("😀", 50)) + "...", conversation.GetProperty("title").GetString());
        Assert.Equal("An answer that becomes the preview.", conversation.GetProperty("preview").GetString());
    }

    [Fact]
    public async Task The_list_has_the_callers_own_with_the_latest_first()
    {
        fixture.Provider.Reply("ok");
        var first = await fixture.Alice.SayAsync("first");
        var second = await fixture.Alice.SayAsync("second");
        await fixture.Bob.SayAsync("not Alice's");
        await fixture.Alice.SayAsync("again", first);

        var list = (await fixture.Alice.GetAsync("/api/v1/conversations")).GetProperty("conversations").EnumerateArray().ToList();
        Assert.Equal([first, second], list.Take(2).Select(conversation => conversation.GetProperty("id").GetString()));
        Assert.DoesNotContain(list, conversation => conversation.GetProperty("title").GetString() == "not Alice's");
        var times = list.ConvertAll(conversation => conversation.GetProperty("updated_at").GetString());
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
    }

    [Fact]
    public async Task Messages_tell_who_said_what_and_what_it_took()
    {
        fixture.Provider.Reply("two words");
        var conversation = await fixture.Alice.SayAsync("a question");
        var messages = (await fixture.Alice.GetAsync($"/api/v1/conversations/{conversation}/messages")).GetProperty("messages").EnumerateArray().ToList();

        Assert.Equal(2, messages.Count);
        Assert.Equal(["id", "role", "content", "model", "provider", "tokens_used", "created_at", "finish_reason", "prompt_tokens", "completion_tokens"], messages[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal("user", messages[0].GetProperty("role").GetString());
        Assert.Equal(JsonValueKind.Null, messages[0].GetProperty("tokens_used").ValueKind);
        Assert.Equal("two words", messages[1].GetProperty("content").GetString());
        Assert.Equal(ChatHost.OpenAIModel, messages[1].GetProperty("model").GetString());
        Assert.Equal("openai", messages[1].GetProperty("provider").GetString());
        Assert.Equal(8, messages[1].GetProperty("tokens_used").GetInt32());
    }

    [Fact]
    public async Task A_deleted_conversation_is_gone_from_every_route_and_stays_in_the_table()
    {
        fixture.Provider.Reply("ok");
        var id = await fixture.Alice.SayAsync("to be deleted");
        using var deleted = await fixture.Alice.Client.DeleteAsync($"/api/v1/conversations/{id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(await deleted.Content.ReadAsStringAsync());

        foreach (var (method, path) in RoutesWithAnId.Select(route => ((string)route[0], (string)route[1])))
            await AssertNotFoundAsync(fixture.Alice, method, path, id);
        Assert.DoesNotContain(id, (await fixture.Alice.GetAsync("/api/v1/conversations")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, await fixture.QueryAsync<long>($"SELECT count(*) FROM chat_messages WHERE conversation_id = '{id}'"));
    }

    [Theory]
    [MemberData(nameof(RoutesWithAnId))]
    public async Task A_foreign_an_unknown_and_a_senseless_id_are_not_found_and_change_nothing(string method, string path)
    {
        fixture.Provider.Reply("ok");
        var foreign = await fixture.Bob.SayAsync("Bob's");
        foreach (var id in new[] { foreign, Guid.NewGuid().ToString(), "not-a-uuid", "' OR 1=1 --", new string('9', 300) })
            await AssertNotFoundAsync(fixture.Alice, method, path, id);

        Assert.Equal([("user", "Bob's"), ("assistant", "ok")], await fixture.Bob.MessagesAsync(foreign));
    }

    [Fact]
    public async Task Messages_sent_at_once_are_all_kept_in_one_order()
    {
        fixture.Provider.Reply(request => $"answer to {request.Messages[^1].Text}");
        var conversation = await fixture.Alice.SayAsync("start");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => fixture.Alice.SayAsync($"message {i}", conversation)));

        var messages = (await fixture.Alice.GetAsync($"/api/v1/conversations/{conversation}/messages")).GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(18, messages.Count);
        var times = messages.ConvertAll(message => message.GetProperty("created_at").GetString()!);
        Assert.Equal(times.Order(StringComparer.Ordinal).Distinct(), times);
        var said = messages.ConvertAll(message => message.GetProperty("content").GetString()!);
        Assert.All(Enumerable.Range(0, 8), i => Assert.True(said.IndexOf($"message {i}") < said.IndexOf($"answer to message {i}")));
        Assert.Equal(
            await fixture.QueryAsync<DateTime>($"SELECT updated_at FROM conversations WHERE id = '{conversation}'"),
            DateTime.Parse(times[^1], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_thousand_messages_cost_as_many_queries_as_ten()
    {
        fixture.Provider.Reply("ok");
        var counts = new List<int>();
        foreach (var length in new[] { 10, 1000 })
        {
            var conversation = await fixture.Alice.SayAsync("one of many");
            await NativeServers.ExecuteAsync(fixture.Database, $"""
                INSERT INTO chat_messages (id, user_id, conversation_id, role, content, created_at)
                SELECT gen_random_uuid(), user_id, id, CASE i % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'message ' || i, created_at - interval '1 hour' + i * interval '1 second'
                FROM conversations, generate_series(0, {length - 3}) AS i WHERE id = '{conversation}'
                """);

            var tries = new List<int>();
            for (var i = 0; i < 3; i++)
            {
                // An answer that takes a while is noted for other replicas, too: the quickest of them is not.
                var before = await fixture.Servers.CountStatementsAsync("chat_messages");
                await fixture.Alice.SayAsync("and now?", conversation);
                tries.Add(await fixture.Servers.CountStatementsAsync("chat_messages") - before);
                Assert.Equal(Math.Min(length + (2 * i), 1000) + 2, fixture.Provider.Requests[^1].Messages.Count);
            }

            counts.Add(tries.Min());
        }

        Assert.Equal(counts[0], counts[1]);
    }

    private static async Task AssertNotFoundAsync(ChatCaller caller, string method, string path, string id)
    {
        var chat = method.StartsWith("POST", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method.Split(' ')[0]), string.Format(CultureInfo.InvariantCulture, path, Uri.EscapeDataString(id)));
        if (chat)
            request.Content = new StringContent(JsonSerializer.Serialize(new { message = "let me in", conversation_id = id, stream = method.EndsWith("stream", StringComparison.Ordinal) }));
        using var response = await caller.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var detail = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString();
        Assert.Equal(chat ? $"Conversation {(id.Length > 100 ? id[..100] + "..." : id)} not found" : "Conversation not found", detail);
    }
}

using System.Text.Json;
using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

[Collection(SharedServers.Name)]
public sealed class MessageTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task Messages_after_one_are_read_page_by_page_from_the_oldest()
    {
        var id = await fixture.Alice.CreateAsync("long");
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await fixture.Alice.AddAsync(id, "user", $"message {i}"));

        var next = await fixture.Alice.GetAsync($"{Root}/{id}/messages?limit=2&after={ids[0]}");
        var last = await fixture.Alice.GetAsync($"{Root}/{id}/messages?limit=2&after={next.Text("next_after")}");

        Assert.Equal(["message 1", "message 2"], Contents(next));
        Assert.Equal(["message 3", "message 4"], Contents(last));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next_after").ValueKind);
        Assert.Equal(404, (await fixture.Bob.SendAsync("GET", $"{Root}/{id}/messages?after={ids[0]}")).Status);
        Assert.Equal(422, (await fixture.Alice.SendAsync("GET", $"{Root}/{id}/messages?after={ids[0]}&before={ids[1]}")).Status);
    }

    [Fact]
    public async Task A_message_is_read_alone_with_what_it_took()
    {
        fixture.Provider.Reply("the answer");
        var id = await fixture.Alice.SayAsync("the question");
        var ids = await fixture.Alice.MessageIdsAsync(id);

        var question = await fixture.Alice.GetAsync($"{Root}/{id}/messages/{ids[0]}");
        var answer = await fixture.Alice.GetAsync($"{Root}/{id}/messages/{ids[1]}");

        Assert.Equal(JsonValueKind.Null, question.GetProperty("usage").ValueKind);
        Assert.Equal("the answer", answer.GetProperty("message").Text("content"));
        var usage = answer.GetProperty("usage");
        Assert.Equal(ChatHost.OpenAIModel, usage.Text("model"));
        Assert.Equal(answer.GetProperty("message").GetProperty("completion_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
        Assert.True(usage.GetProperty("cost_usd").GetDecimal() > 0);
        Assert.True(usage.GetProperty("duration_ms").GetDouble() > 0);
        Assert.Equal(404, (await fixture.Bob.SendAsync("GET", $"{Root}/{id}/messages/{ids[1]}")).Status);
        Assert.Equal(404, (await fixture.Alice.SendAsync("GET", $"{Root}/{id}/messages/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task Messages_are_read_page_by_page_from_the_newest()
    {
        var id = await fixture.Alice.CreateAsync("long");
        for (var i = 0; i < 5; i++)
            await fixture.Alice.AddAsync(id, "user", $"message {i}");

        var newest = await fixture.Alice.GetAsync($"{Root}/{id}/messages?limit=2");
        var before = await fixture.Alice.GetAsync($"{Root}/{id}/messages?limit=2&before={newest.Text("next_before")}");
        var oldest = await fixture.Alice.GetAsync($"{Root}/{id}/messages?limit=2&before={before.Text("next_before")}");

        Assert.Equal(["message 3", "message 4"], Contents(newest));
        Assert.Equal(["message 1", "message 2"], Contents(before));
        Assert.Equal(["message 0"], Contents(oldest));
        Assert.Equal(JsonValueKind.Null, oldest.GetProperty("next_before").ValueKind);
        Assert.Equal(5, Contents(await fixture.Alice.GetAsync($"{Root}/{id}/messages")).Count);
        Assert.Equal(404, (await fixture.Alice.SendAsync("GET", $"{Root}/{id}/messages?before={Guid.NewGuid()}")).Status);
        Assert.Equal(404, (await fixture.Bob.SendAsync("GET", $"{Root}/{id}/messages?before={newest.Text("next_before")}")).Status);
        Assert.Equal(422, (await fixture.Alice.SendAsync("GET", $"{Root}/{id}/messages?limit=0")).Status);
    }

    [Fact]
    public async Task A_message_is_added_by_its_owner_and_is_part_of_what_the_model_is_told()
    {
        var id = await fixture.Alice.CreateAsync("imported");
        var (status, added) = await fixture.Alice.SendAsync(
            "POST", $"{Root}/{id}/messages", new { role = "assistant", content = "I said so", model = "gpt-4o", provider = "openai", tokens_used = 7 });
        Assert.Equal(201, status);
        Assert.Equal(
            ("assistant", "I said so", "gpt-4o", "openai", 7),
            (added.Text("role"), added.Text("content"), added.Text("model"), added.Text("provider"), added.GetProperty("tokens_used").GetInt32()));
        Assert.Equal("I said so", (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("preview"));
        await fixture.Alice.AddAsync(id, "user", "Did you?");

        fixture.Provider.Reply("Yes.");
        await fixture.Alice.SayAsync("Really?", id);
        Assert.Equal([("user", "Did you?"), ("user", "Really?")], fixture.Provider.Requests[^1].Messages.Skip(1).TakeLast(2));
        Assert.Equal(404, (await fixture.Bob.SendAsync("POST", $"{Root}/{id}/messages", new { role = "user", content = "mine" })).Status);
    }

    [Theory]
    [InlineData("""{"content": "x"}""", "role must be user, assistant or system")]
    [InlineData("""{"role": "robot", "content": "x"}""", "role must be user, assistant or system")]
    [InlineData("""{"role": "user"}""", "content is missing")]
    [InlineData("""{"role": "user", "content": 5}""", "content must be a string")]
    [InlineData("""{"role": "user", "content": "x", "tokens_used": -1}""", "tokens_used must be a whole number")]
    [InlineData("""{"role": "user", "content": "x\u0000"}""", "U+0000")]
    public async Task A_wrong_message_is_refused(string body, string text)
    {
        var id = await fixture.Alice.CreateAsync("empty");
        using var response = await fixture.Alice.PostRawAsync($"{Root}/{id}/messages", body);
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(text, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail")[0].Text("msg"), StringComparison.Ordinal);
        Assert.Empty(await fixture.Alice.MessagesAsync(id));
    }

    [Fact]
    public async Task Messages_are_cleared_and_the_conversation_stays()
    {
        var id = await fixture.Alice.CreateAsync("cleared");
        await fixture.Alice.AddAsync(id, "user", "forget this");
        Assert.Equal(404, (await fixture.Bob.SendAsync("DELETE", $"{Root}/{id}/messages")).Status);
        Assert.Single(await fixture.Alice.MessagesAsync(id));

        Assert.Equal(204, (await fixture.Alice.SendAsync("DELETE", $"{Root}/{id}/messages")).Status);
        Assert.Empty(await fixture.Alice.MessagesAsync(id));
        Assert.Equal("", (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("preview"));
        Assert.Equal(0, await fixture.QueryAsync<long>($"SELECT count(*) FROM chat_messages WHERE conversation_id = '{id}'"));
    }

    private static IReadOnlyList<string> Contents(JsonElement page) => [.. page.GetProperty("messages").EnumerateArray().Select(message => message.Text("content"))];
}

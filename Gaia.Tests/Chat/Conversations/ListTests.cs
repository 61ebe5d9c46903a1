using System.Text.Json;
using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

[Collection(SharedServers.Name)]
public sealed class ListTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("updated")]
    [InlineData("pinned")]
    public async Task A_paged_list_shows_each_conversation_once_and_in_order(string sort)
    {
        var made = new List<string>();
        for (var i = 0; i < 7; i++)
            made.Add(await fixture.Alice.CreateAsync($"{sort} {i}"));
        await fixture.Alice.SendAsync("PATCH", $"{Root}/{made[1]}", new { is_pinned = true });

        var pages = await fixture.Alice.PagesAsync($"{Root}?limit=2&sort={sort}");

        Assert.All(pages.SkipLast(1), page => Assert.Equal(2, page.Count));
        var all = pages.SelectMany(page => page).ToList();
        Assert.Equal(all.Distinct(), all);
        var latestFirst = made.AsEnumerable().Reverse().ToList();
        Assert.Equal(sort == "pinned" ? [made[1], .. latestFirst.Where(id => id != made[1])] : latestFirst, all.Where(made.Contains));
        var whole = await fixture.Alice.GetAsync($"{Root}?sort={sort}");
        Assert.Equal(all, whole.Ids());
        Assert.Equal(JsonValueKind.Null, whole.GetProperty("next_cursor").ValueKind);
    }

    [Fact]
    public async Task A_page_goes_on_where_the_one_before_ended_whatever_is_new()
    {
        var made = new List<string>();
        for (var i = 0; i < 4; i++)
            made.Add(await fixture.Alice.CreateAsync($"steady {i}"));
        var first = await fixture.Alice.GetAsync($"{Root}?limit=2");
        await fixture.Alice.CreateAsync("new meanwhile");

        var second = await fixture.Alice.GetAsync($"{Root}?limit=2&cursor={first.Text("next_cursor")}");
        Assert.Equal([made[3], made[2], made[1], made[0]], [.. first.Ids(), .. second.Ids()]);
    }

    [Fact]
    public async Task Archived_ones_are_listed_where_they_are_asked_for()
    {
        var (open, archived) = (await fixture.Alice.CreateAsync("open"), await fixture.Alice.CreateAsync("put away"));
        await fixture.Alice.SendAsync("PATCH", $"{Root}/{archived}", new { is_archived = true });

        Assert.DoesNotContain(archived, (await fixture.Alice.GetAsync(Root)).Ids());
        Assert.Contains(open, (await fixture.Alice.GetAsync($"{Root}?archived=false")).Ids());
        Assert.Equal([archived], (await fixture.Alice.GetAsync($"{Root}?archived=true")).Ids());
        Assert.Equal([archived, open], (await fixture.Alice.GetAsync($"{Root}?archived=all&limit=2")).Ids());
        Assert.True((await fixture.Alice.GetAsync($"{Root}/{archived}")).GetProperty("is_archived").GetBoolean());
    }

    [Theory]
    [InlineData("limit=0", "limit must be between 1 and 200")]
    [InlineData("limit=201", "limit must be between 1 and 200")]
    [InlineData("limit=2&cursor=nonsense", "cursor must be the next_cursor")]
    [InlineData("limit=2&cursor=dXBkYXRlZCAwIDk5OTk5OTk5OTk5OTk5OTk5OTkgMA", "cursor must be the next_cursor")]
    [InlineData("sort=title", "sort must be updated or pinned")]
    [InlineData("archived=maybe", "archived must be false, true or all")]
    public async Task A_wrong_wish_is_refused_with_what_to_change(string query, string text)
    {
        var (status, body) = await fixture.Alice.SendAsync("GET", $"{Root}?{query}");
        Assert.Equal(422, status);
        Assert.Contains(text, body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_of_another_order_is_refused()
    {
        await fixture.Alice.CreateAsync("one");
        await fixture.Alice.CreateAsync("two");
        var cursor = (await fixture.Alice.GetAsync($"{Root}?limit=1")).Text("next_cursor");
        Assert.Equal(422, (await fixture.Alice.SendAsync("GET", $"{Root}?limit=1&sort=pinned&cursor={cursor}")).Status);
    }

    [Fact]
    public async Task The_aliases_below_chat_list_and_search_the_same_conversations()
    {
        var id = await fixture.Alice.CreateAsync("aliased zebra");
        Assert.Contains(id, (await fixture.Alice.GetAsync("/api/v1/chat/conversations")).Ids());
        Assert.Equal([id], (await fixture.Alice.GetAsync("/api/v1/chat/conversations/search?query=zebra")).Ids());
    }

    [Fact]
    public async Task Conversations_of_v03_are_the_same_ones_in_short()
    {
        const string brief = "/api/v0.3/conversations";
        var (status, created) = await fixture.Alice.SendAsync("POST", brief, new { title = "short" });
        Assert.Equal(201, status);
        Assert.Equal(["conversation_id", "title"], created.EnumerateObject().Select(member => member.Name));
        var id = created.Text("conversation_id");

        var listed = (await fixture.Alice.GetAsync(brief)).GetProperty("conversations").EnumerateArray().Single(item => item.Text("conversation_id") == id);
        Assert.Equal(["conversation_id", "title", "created_at"], listed.EnumerateObject().Select(member => member.Name));
        Assert.Equal(listed.GetRawText(), (await fixture.Alice.GetAsync($"{brief}/{id}")).GetRawText());
        Assert.Equal("short", (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("title"));

        Assert.Equal(404, (await fixture.Bob.SendAsync("DELETE", $"{brief}/{id}")).Status);
        Assert.Equal(204, (await fixture.Alice.SendAsync("DELETE", $"{brief}/{id}")).Status);
        Assert.Equal(404, (await fixture.Alice.SendAsync("GET", $"{brief}/{id}")).Status);
        using var chat = await fixture.Alice.PostAsync(new { message = "still there?", conversation_id = id });
        Assert.Equal(404, (int)chat.StatusCode);
    }

    [Fact]
    public async Task Stats_count_what_is_there_and_are_not_taken_for_an_id()
    {
        var before = await fixture.Bob.GetAsync($"{Root}/stats");
        var (kept, deleted) = (await fixture.Bob.CreateAsync("kept"), await fixture.Bob.CreateAsync("deleted"));
        await fixture.Bob.AddAsync(kept, "user", "one");
        await fixture.Bob.AddAsync(kept, "assistant", "two");
        await fixture.Bob.AddAsync(deleted, "user", "three");
        await fixture.Bob.SendAsync("DELETE", $"{Root}/{deleted}");

        var after = await fixture.Bob.GetAsync($"{Root}/stats");
        Assert.Equal(["total_conversations", "total_messages"], after.EnumerateObject().Select(member => member.Name));
        Assert.Equal((1, 2), (Gain("total_conversations"), Gain("total_messages")));

        long Gain(string name) => after.GetProperty(name).GetInt64() - before.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task The_memory_of_routes_without_conversations_shows_up_nowhere()
    {
        await fixture.Alice.CreateAsync("visible");
        var before = await fixture.Alice.GetAsync($"{Root}/stats");
        var hidden = await fixture.HiddenMemoryAsync("secret walrus");

        foreach (var path in new[] { Root, $"{Root}?archived=all&limit=200", $"{Root}/search?query=walrus", $"{Root}/search?query=secret", "/api/v0.3/conversations", "/api/v1/chat/conversations" })
            Assert.DoesNotContain(hidden, (await fixture.Alice.GetAsync(path)).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(before.GetRawText(), (await fixture.Alice.GetAsync($"{Root}/stats")).GetRawText());
        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("GET", "", null), ("PUT", "", new { title = "x" }), ("PATCH", "", new { is_pinned = true }), ("DELETE", "", null), ("POST", "/restore", null),
            ("GET", "/messages", null), ("GET", "/messages?limit=1", null), ("POST", "/messages", new { role = "user", content = "x" }), ("DELETE", "/messages", null),
            ("GET", "/export", null), ("POST", "/share", null), ("GET", "/shares", null),
            ("POST", "/branch", new { message_id = await fixture.QueryAsync<Guid>($"SELECT id FROM chat_messages WHERE conversation_id = '{hidden}'") }),
        })
        {
            Assert.Equal(404, (await fixture.Alice.SendAsync(method, $"{Root}/{hidden}{path}", body)).Status);
        }

        Assert.Equal(404, (await fixture.Alice.SendAsync("GET", $"/api/v0.3/conversations/{hidden}")).Status);
    }
}

using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

[Collection(SharedServers.Name)]
public sealed class ChangeTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task A_conversation_is_renamed_pinned_and_archived_and_keeps_its_place()
    {
        var id = await fixture.Alice.CreateAsync("before");
        var updated = (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("updated_at");

        var (status, put) = await fixture.Alice.SendAsync("PUT", $"{Root}/{id}", new { title = "after", preview = "in short" });
        Assert.Equal((200, "after", "in short"), (status, put.Text("title"), put.Text("preview")));
        var (_, patched) = await fixture.Alice.SendAsync("PATCH", $"{Root}/{id}", new { is_pinned = true, is_archived = true });
        Assert.Equal(("after", "in short", true, true), (patched.Text("title"), patched.Text("preview"), patched.GetProperty("is_pinned").GetBoolean(), patched.GetProperty("is_archived").GetBoolean()));
        var (_, again) = await fixture.Alice.SendAsync("PATCH", $"{Root}/{id}", new { title = "last", is_archived = false });

        Assert.Equal(("last", true, false), (again.Text("title"), again.GetProperty("is_pinned").GetBoolean(), again.GetProperty("is_archived").GetBoolean()));
        Assert.Equal(updated, again.Text("updated_at"));
        Assert.Equal(again.GetRawText(), (await fixture.Alice.GetAsync($"{Root}/{id}")).GetRawText());
    }

    [Theory]
    [InlineData("PUT", """{"title": ""}""", "title must not be empty")]
    [InlineData("PUT", """{"preview": 1}""", "preview must be a string")]
    [InlineData("PATCH", """{"title": 5}""", "title must be a string")]
    [InlineData("PATCH", """{"is_pinned": "yes"}""", "is_pinned must be true or false")]
    [InlineData("PATCH", "[]", "must be a JSON object")]
    public async Task A_wrong_change_is_refused_and_changes_nothing(string method, string body, string text)
    {
        var id = await fixture.Alice.CreateAsync("unchanged");
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Root}/{id}") { Content = new StringContent(body) };
        using var response = await fixture.Alice.Client.SendAsync(request);

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("unchanged", (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("title"));
    }

    [Fact]
    public async Task Deletion_is_taken_back()
    {
        var id = await fixture.Alice.CreateAsync("deleted by mistake");
        await fixture.Alice.AddAsync(id, "user", "keep me");
        Assert.Equal(204, (await fixture.Alice.SendAsync("DELETE", $"{Root}/{id}")).Status);
        Assert.Equal(404, (await fixture.Bob.SendAsync("POST", $"{Root}/{id}/restore")).Status);
        Assert.Equal(404, (await fixture.Alice.SendAsync("GET", $"{Root}/{id}")).Status);

        var (status, restored) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/restore");
        Assert.Equal((200, "deleted by mistake"), (status, restored.Text("title")));
        Assert.Equal(200, (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/restore")).Status);
        Assert.Equal([("user", "keep me")], await fixture.Alice.MessagesAsync(id));
    }

    [Fact]
    public async Task A_branch_of_much_may_take_longer_than_other_requests()
    {
        var id = await fixture.Alice.CreateAsync("much");
        var message = await fixture.Alice.AddAsync(id, "user", "much to copy");
        // As long as some thousand messages take.
        await NativeServers.ExecuteAsync(fixture.Database, """
            CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2.5); RETURN NEW; END $$;
            CREATE TRIGGER take_long BEFORE INSERT ON chat_messages FOR EACH ROW WHEN (NEW.content = 'much to copy') EXECUTE FUNCTION take_long()
            """);

        var (status, branch) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/branch", new { message_id = message });

        Assert.Equal(201, status);
        Assert.Equal([("user", "much to copy")], await fixture.Alice.MessagesAsync(branch.Text("id")));
    }

    [Fact]
    public async Task A_branch_has_a_copy_of_what_was_said_up_to_a_message_and_goes_on_by_itself()
    {
        fixture.Provider.Reply("an answer");
        var id = await fixture.Alice.SayAsync("first question");
        await fixture.Alice.SayAsync("second question", id);
        var messages = await fixture.Alice.MessageIdsAsync(id);

        var (status, branch) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/branch", new { message_id = messages[1] });
        Assert.Equal((201, "first question", "an answer"), (status, branch.Text("title"), branch.Text("preview")));
        var branchId = branch.Text("id");
        Assert.Equal([("user", "first question"), ("assistant", "an answer")], await fixture.Alice.MessagesAsync(branchId));
        Assert.DoesNotContain(await fixture.Alice.MessageIdsAsync(branchId), messages.Contains);

        await fixture.Alice.SayAsync("another question", branchId);
        Assert.Equal(["first question", "an answer", "another question"], fixture.Provider.Requests[^1].Messages.Skip(1).Select(message => message.Text));
        Assert.Equal(4, (await fixture.Alice.MessagesAsync(id)).Count);
        Assert.Equal("Other", (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/branch", new { message_id = messages[0], title = "Other" })).Body.Text("title"));
    }

    [Fact]
    public async Task A_branch_needs_a_message_of_its_conversation()
    {
        var (id, other) = (await fixture.Alice.CreateAsync("one"), await fixture.Alice.CreateAsync("other"));
        var elsewhere = await fixture.Alice.AddAsync(other, "user", "elsewhere");
        Assert.Equal(404, (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/branch", new { message_id = elsewhere })).Status);
        Assert.Equal(404, (await fixture.Bob.SendAsync("POST", $"{Root}/{other}/branch", new { message_id = elsewhere })).Status);
        Assert.Equal(422, (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/branch", new { })).Status);
        Assert.Equal(422, (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/branch", new { message_id = "first" })).Status);
    }
}

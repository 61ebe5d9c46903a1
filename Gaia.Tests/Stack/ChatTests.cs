using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Stack;

[Collection(StackGroup.Name)]
public class ChatTests(GaiaStack stack)
{
    [Fact]
    public async Task A_chat_answers_with_the_shape_of_the_contract()
    {
        using var response = await stack.Client.PostAsJsonAsync("/api/v1/chat", new { message = "What is 6 times 7?" });
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.StartsWith("chat-", json.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("chat.completion", json.GetProperty("object").GetString());
        var choice = json.GetProperty("choices")[0];
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        Assert.Contains("42", choice.GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        var usage = json.GetProperty("usage");
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
        var metadata = json.GetProperty("_metadata");
        Assert.Equal("direct", metadata.GetProperty("route_type").GetString());
        Assert.True(Guid.TryParse(metadata.GetProperty("conversation_id").GetString(), out _));
        Assert.False(json.TryGetProperty("provider", out _));
    }

    [Theory]
    [InlineData("My name is Ottilie and I keep bees.", "What is my name?", "Ottilie")]
    [InlineData("Our release ships on the 3rd of Brumaire.", "When does our release ship?", "3rd of Brumaire")]
    [InlineData("Please remember that the locker code is 90417.", "Which code does the locker have?", "90417")]
    [InlineData("My brother Anselm works as a glassblower in Murano.", "What does my brother do?", "glassblower")]
    [InlineData("I painted the boat vermilion last spring.", "What colour did I paint the boat?", "vermilion")]
    public async Task A_second_request_recalls_what_the_first_one_said(string fact, string question, string expected)
    {
        var first = await stack.ChatAsync(fact);
        var second = await stack.ChatAsync(question, first.ConversationId);

        Assert.Equal(first.ConversationId, second.ConversationId);
        Assert.Contains(expected, second.Content, StringComparison.OrdinalIgnoreCase);
        var elsewhere = await stack.ChatAsync(question);
        Assert.DoesNotContain(expected, elsewhere.Content, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_provider_receives_the_exact_history()
    {
        stack.Provider.Reply("Noted, captain.");
        var first = await stack.ChatAsync("The cargo is seventeen crates of quince.", model: GaiaStack.ScriptedModel);
        stack.Provider.Reply("Seventeen.");
        await stack.ChatAsync("How many crates?", first.ConversationId, GaiaStack.ScriptedModel);

        var sent = stack.Provider.Requests[^1].Messages.SkipWhile(message => message.Role is "system" or "developer");
        Assert.Equal(
            [("user", "The cargo is seventeen crates of quince."), ("assistant", "Noted, captain."), ("user", "How many crates?")],
            sent);
    }

    [Fact]
    public async Task A_stream_arrives_as_it_is_made_and_ends_with_DONE()
    {
        stack.Provider.Stream(TimeSpan.FromMilliseconds(150), "one ", "two ", "three ", "four ", "five");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat")
        {
            Content = JsonContent.Create(new { message = "Count", stream = true, model = GaiaStack.ScriptedModel }),
        };
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");
        using var response = await stack.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Empty(response.Content.Headers.ContentEncoding);

        var events = await ServerSentEvents.ReadAsync(response);

        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal("metadata", events[0].Json.GetProperty("type").GetString());
        Assert.True(Guid.TryParse(events[0].Json.GetProperty("conversation_id").GetString(), out _));
        var content = events.Where(item => item.Content is not null).ToList();
        Assert.Equal("one two three four five", string.Concat(content.Select(item => item.Content)));
        Assert.True(content.Count >= 5, "each chunk of the provider is a chunk of the stream");
        // Five chunks 150 ms apart: buffered, they would come at once.
        Assert.True(content[^1].ArrivedAt - content[0].ArrivedAt > TimeSpan.FromMilliseconds(400), "the chunks came together");
    }

    [Fact]
    public async Task Conversations_can_be_created_listed_read_and_deleted()
    {
        using var created = await stack.Client.PostAsJsonAsync("/api/v1/conversations", new { title = "Quarterly plan" });
        Assert.Equal(System.Net.HttpStatusCode.Created, created.StatusCode);
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        await stack.ChatAsync("First line", id);

        var list = await stack.Client.GetFromJsonAsync<JsonElement>("/api/v1/conversations");
        Assert.Contains(list.GetProperty("conversations").EnumerateArray(), item => item.GetProperty("id").GetString() == id);
        var messages = await stack.Client.GetFromJsonAsync<JsonElement>($"/api/v1/conversations/{id}/messages");
        Assert.Equal(["user", "assistant"], messages.GetProperty("messages").EnumerateArray().Select(item => item.GetProperty("role").GetString()));

        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await stack.Client.DeleteAsync($"/api/v1/conversations/{id}")).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await stack.Client.GetAsync($"/api/v1/conversations/{id}")).StatusCode);
    }
}

using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Chat;

[Collection(SharedServers.Name)]
public sealed class AnswerTests(ChatSite site) : IClassFixture<ChatSite>
{
    private static readonly string[] Words = [.. Enumerable.Range(1, 20).Select(i => $"word{i} ")];

    [Fact]
    public async Task The_first_message_begins_a_conversation_and_its_answer_streams_in_small_pieces()
    {
        site.Provider.Stream(TimeSpan.FromMilliseconds(300), "Hello ", "**there", "**.\n\n", "Second ", "paragraph.");

        using var response = await site.Alice.HtmxAsync("POST", "/api/chat/send", new { message = "What is <b>this</b>?", conversation_id = "" });
        var panel = await Browser.ParseAsync(response);
        var place = panel.QuerySelector("[data-stream]")!;
        var conversation = Browser.ConversationOf(place);

        Assert.Equal("#main-content", response.Headers.GetValues("HX-Retarget").Single());
        Assert.Equal($"/chat/{conversation}", response.Headers.GetValues("HX-Push-Url").Single());
        Assert.Contains("message-sent", response.Headers.GetValues("HX-Trigger").Single(), StringComparison.Ordinal);
        Assert.Equal("What is <b>this</b>?", panel.QuerySelector(".gaia-message-user .message-text")!.TextContent);
        Assert.Equal(conversation, panel.QuerySelector("#conversation-id-input")!.GetAttribute("value"));
        var id = place.GetAttribute("data-message-id");
        Assert.NotNull(panel.QuerySelector($"#response-{id} #loading-{id} .typing-indicator"));
        Assert.Contains("Gaia is thinking...", panel.QuerySelector($"#loading-{id}")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(panel.QuerySelector($"#response-content-{id}"));

        var events = await site.Alice.WatchAsync(place);
        Assert.Equal("start", events[0].Type);
        Assert.Contains(events, item => item is { Type: "block", Html: "<p>Hello <strong>there</strong>.</p>\n" });
        Assert.Equal("Second paragraph.", string.Concat(events.SkipWhile(item => item.Type != "block").Select(item => item.Content)));
        Assert.Contains(events, item => item is { Type: "end", FinishReason: "stop" });

        var message = await site.Alice.FragmentAsync("GET", place.GetAttribute("data-message-url")!);
        Assert.Equal(["Hello there.", "Second paragraph."], message.QuerySelectorAll("article .markdown p").Select(p => p.TextContent));
    }

    [Fact]
    public async Task A_long_message_is_not_too_much_for_a_form_in_any_script()
    {
        // A form makes nine bytes of each of these characters. It is the model for which they are too many.
        using var response = await site.Alice.HtmxAsync("POST", "/api/chat/send", new { message = new string('語', 990_000), conversation_id = "" });

        Assert.NotEqual(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("window", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_sent_again_as_nobody_knows_whether_it_arrived_is_said_and_answered_once(bool begins)
    {
        // What is scripted and not asked for would be the next test's answer.
        if (!begins)
            site.Provider.Reply("Ready");
        var conversation = begins ? "" : (await site.Alice.SayAsync("first")).Conversation;
        var before = begins ? [] : await TextsAsync(conversation);
        var fields = new { message = "go on", conversation_id = conversation, idempotency_key = Guid.NewGuid() };
        site.Provider.Reply("Gone on");

        var first = (await site.Alice.FragmentAsync("POST", "/api/chat/send", fields)).QuerySelector("[data-stream]")!;
        var again = (await site.Alice.FragmentAsync("POST", "/api/chat/send", fields)).QuerySelector("[data-stream]")!;
        await site.Alice.WatchAsync(first);
        var later = (await site.Alice.FragmentAsync("POST", "/api/chat/send", fields)).QuerySelector("[data-stream]")!;

        Assert.All([again, later], place => Assert.Equal(first.GetAttribute("data-message-url"), place.GetAttribute("data-message-url")));
        conversation = Browser.ConversationOf(first);
        Assert.Equal([.. before, "go on", "Gone on"], await TextsAsync(conversation));

        // The same words meant anew.
        site.Provider.Reply("And on");
        await site.Alice.WatchAsync((await site.Alice.FragmentAsync(
            "POST", "/api/chat/send", new { message = "go on", conversation_id = conversation, idempotency_key = Guid.NewGuid() })).QuerySelector("[data-stream]")!);
        Assert.Equal([.. before, "go on", "Gone on", "go on", "And on"], await TextsAsync(conversation));
    }

    [Fact]
    public async Task A_further_message_is_added_to_the_conversation_that_is_open()
    {
        site.Provider.Reply("First answer");
        var (conversation, _) = await site.Alice.SayAsync("first");
        site.Provider.Reply("Second answer");

        using var response = await site.Alice.HtmxAsync("POST", "/api/chat/send", new { message = "second", conversation_id = conversation });
        var fragment = await Browser.ParseAsync(response);

        Assert.False(response.Headers.Contains("HX-Retarget"));
        Assert.Equal(2, fragment.QuerySelectorAll("article").Length);
        await site.Alice.WatchAsync(fragment.QuerySelector("[data-stream]")!);
        var page = await site.Alice.PageAsync($"/chat/{conversation}");
        Assert.Equal(["first", "First answer", "second", "Second answer"], page.QuerySelectorAll("#messages .message-text").Select(text => text.TextContent.Trim()));
    }

    [Fact]
    public async Task A_page_that_is_loaded_in_the_middle_of_an_answer_shows_it_going_on()
    {
        site.Provider.Stream(TimeSpan.FromMilliseconds(100), Words);
        var place = await site.Alice.SendAsync("go on");
        var conversation = Browser.ConversationOf(place);
        // Whoever watched leaves.
        using (await site.Alice.OpenAsync(place))
        {
        }

        var again = (await site.Alice.PageAsync($"/chat/{conversation}")).QuerySelector("#messages [data-stream]");

        Assert.Equal(place.GetAttribute("data-message-id"), again!.GetAttribute("data-message-id"));
        Assert.Equal(place.GetAttribute("data-question-id"), again.GetAttribute("data-question-id"));
        var events = await site.Alice.WatchAsync(again);
        Assert.Equal(string.Concat(Words).Trim(), string.Concat(events.Select(item => item.Content)).Trim());
        Assert.True(events.Count(item => item.Content is not null) > 5, "It came in one piece.");
        Assert.Null((await site.Alice.PageAsync($"/chat/{conversation}")).QuerySelector("[data-stream]"));
        using var over = await site.Alice.HtmxAsync("GET", $"/chat/{conversation}/running");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task Stop_ends_the_answer_and_keeps_what_was_said()
    {
        site.Provider.Endless(TimeSpan.FromMilliseconds(20), "again ");
        var place = await site.Alice.SendAsync("endless");
        var watching = site.Alice.WatchAsync(place);
        await Task.Delay(300);

        using var stopped = await site.Alice.HtmxAsync("POST", $"/chat/{Browser.ConversationOf(place)}/stop");

        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);
        Assert.Contains(await watching.WaitAsync(TimeSpan.FromSeconds(10)), item => item is { Type: "end", FinishReason: "cancelled" });
        var message = await site.Alice.FragmentAsync("GET", place.GetAttribute("data-message-url")!);
        Assert.StartsWith("again", message.QuerySelector(".message-text")!.TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal("Stopped", message.QuerySelector(".message-note")!.TextContent);
    }

    [Fact]
    public async Task A_failure_is_told_in_its_own_words_and_can_be_tried_again()
    {
        site.Provider.Fail(HttpStatusCode.BadRequest, "no such thing").Reply("Better now");
        var place = await site.Alice.SendAsync("fail");
        var conversation = Browser.ConversationOf(place);

        var events = await site.Alice.WatchAsync(place);
        Assert.NotEmpty(Assert.Single(events, item => item.Type == "error").Error!);
        using var missing = await site.Alice.HtmxAsync("GET", place.GetAttribute("data-message-url")!);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        var error = place.QuerySelector("[data-answer-error]")!;
        Assert.True(error.HasAttribute("hidden"));
        var retry = error.QuerySelector("[data-retry]")!.GetAttribute("hx-post")!;
        var again = (await site.Alice.FragmentAsync("POST", retry)).QuerySelector("[data-stream]")!;
        await site.Alice.WatchAsync(again);
        var page = await site.Alice.PageAsync($"/chat/{conversation}");
        Assert.Equal(["fail", "Better now"], page.QuerySelectorAll("#messages .message-text").Select(text => text.TextContent.Trim()));
        Assert.Null(page.QuerySelector("[data-answer-error]"));
    }

    [Fact]
    public async Task A_message_without_an_answer_says_so_when_the_page_is_opened()
    {
        site.Provider.Reply("ok");
        var (conversation, answer) = await site.Alice.SayAsync("never answered");
        await NativeServers.QueryAsync<long>(site.Database, $"DELETE FROM chat_messages WHERE id = '{answer}' RETURNING ordinal");

        var page = await site.Alice.PageAsync($"/chat/{conversation}");

        Assert.Contains("no answer yet", page.QuerySelector("[data-unanswered] [role=alert]")!.TextContent, StringComparison.Ordinal);
        var again = (await site.Alice.FragmentAsync("POST", page.QuerySelector("[data-retry]")!.GetAttribute("hx-post")!)).QuerySelector("[data-stream]")!;
        await site.Alice.WatchAsync(again);
        Assert.Equal(["never answered", "ok"], await TextsAsync(conversation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task An_empty_message_is_refused_above_the_input(string message)
    {
        using var response = await site.Alice.HtmxAsync("POST", "/api/chat/send", new { message, conversation_id = "" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("#chat-errors", response.Headers.GetValues("HX-Retarget").Single());
        Assert.False(response.Headers.Contains("HX-Trigger"), "What was typed must stay.");
        Assert.Equal("Please enter a message", (await Browser.ParseAsync(response)).QuerySelector("[role=alert]")!.TextContent);
    }

    [Fact]
    public async Task Edit_regenerate_branch_and_what_an_answer_took()
    {
        site.Provider.Reply("One").Reply("Two");
        var (conversation, first) = await site.Alice.SayAsync("question");
        await site.Alice.SayAsync("later", conversation);

        // Regenerate: all after the question goes once the new answer is there.
        site.Provider.Reply("One, otherwise");
        var again = (await site.Alice.FragmentAsync("POST", $"/chat/{conversation}/messages/{first}/regenerate")).QuerySelector("[data-stream]")!;
        await site.Alice.WatchAsync(again);
        Assert.Equal(["question", "One, otherwise"], await TextsAsync(conversation));

        var usage = await site.Alice.FragmentAsync("GET", $"{again.GetAttribute("data-message-url")}/usage");
        Assert.Contains("Tokens out", usage.Body!.TextContent, StringComparison.Ordinal);
        Assert.Contains(ChatHost.OpenAIModel, usage.Body.TextContent, StringComparison.Ordinal);
        Assert.Matches(@"Cost\$0\.0", usage.Body.TextContent);

        // Branch: both go on.
        using var branched = await site.Alice.HtmxAsync("POST", $"{again.GetAttribute("data-message-url")}/branch");
        var branch = branched.Headers.GetValues("HX-Redirect").Single();
        Assert.NotEqual($"/chat/{conversation}", branch);

        // Edit: the form has the words, and the new ones replace them at once.
        var question = again.GetAttribute("data-question-id");
        var form = await site.Alice.FragmentAsync("GET", $"/chat/{conversation}/messages/{question}/edit");
        Assert.Equal("question", form.QuerySelector("textarea")!.TextContent);
        site.Provider.Reply("Answer to the edit");
        var edited = await site.Alice.FragmentAsync("POST", $"/chat/{conversation}/messages/{question}/edit", new { message = "edited" });
        Assert.Equal("edited", edited.QuerySelector(".gaia-message-user .message-text")!.TextContent);
        Assert.True(edited.QuerySelector("[data-stream]")!.HasAttribute("data-edited"));
        await site.Alice.WatchAsync(edited.QuerySelector("[data-stream]")!);
        Assert.Equal(["edited", "Answer to the edit"], await TextsAsync(conversation));
        Assert.Equal(["question", "One, otherwise"], await TextsAsync(branch.Split('/')[^1]));
    }

    [Fact]
    public async Task The_chosen_model_and_persona_answer()
    {
        site.Provider.Reply("ok");
        var page = await site.Alice.PageAsync("/chat");
        Assert.Contains(ChatHost.AnthropicModel, page.QuerySelectorAll("select[name=model] option").Select(option => option.GetAttribute("value")));
        Assert.NotEmpty(page.QuerySelectorAll("select[name=persona_id] option").Skip(1));

        var place = (await site.Alice.FragmentAsync("POST", "/api/chat/send", new { message = "hello", model = ChatHost.AnthropicModel })).QuerySelector("[data-stream]")!;
        await site.Alice.WatchAsync(place);

        var usage = await site.Alice.FragmentAsync("GET", $"{place.GetAttribute("data-message-url")}/usage");
        Assert.Contains(ChatHost.AnthropicModel, usage.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_without_the_token_of_a_page()
    {
        using var response = await site.Anonymous.HtmxAsync("POST", "/api/chat/send", new { message = "hello" });

        Assert.False(response.IsSuccessStatusCode && !response.Headers.Contains("HX-Redirect"));
    }

    private async Task<IEnumerable<string>> TextsAsync(string conversation) =>
        (await site.Alice.PageAsync($"/chat/{conversation}")).QuerySelectorAll("#messages .message-text").Select(text => text.TextContent.Trim());
}

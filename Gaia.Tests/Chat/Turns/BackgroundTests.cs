using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Gaia.Tests.Chat.Conversations;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Turns;

[Collection(SharedServers.Name)]
public sealed class BackgroundTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private static readonly string[] Words = [.. Enumerable.Range(1, 30).Select(i => $"word{i} ")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_in_the_background_outlives_its_client_and_is_watched_again_from_any_replica(bool elsewhere)
    {
        await using var other = elsewhere ? await fixture.StartAnotherAsync() : null;
        using var watcher = other?.As(AuthHost.DevelopmentKey);
        if (watcher is not null)
            await watcher.GetAsync("/api/v1/conversations");
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(50), Words);
        var conversation = await LeaveAsync();

        using var response = await (watcher ?? fixture.Alice).Client.GetAsync($"/api/v1/conversations/{conversation}/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.GetValues("Content-Type").Single());
        var events = await ServerSentEvents.ReadAsync(response);

        Assert.Equal(conversation, events[0].Json.GetProperty("conversation_id").GetString());
        Assert.Equal(string.Concat(Words), string.Concat(events.Select(item => item.Content)));
        Assert.True(events.Count(item => item.Content is not null) > 2, "It came in one piece.");
        Assert.Equal("""{"type": "done", "finish_reason": "stop"}""", events[^2].Data);
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal(string.Concat(Words), (await fixture.Alice.MessagesAsync(conversation))[^1].Content);

        using var over = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task Whoever_does_not_wait_is_told_at_once_what_is_being_made()
    {
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(50), Words);
        using var begun = await fixture.Alice.PostAsync(new { message = "detached", detached = true });
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        var answer = JsonDocument.Parse(await begun.Content.ReadAsStringAsync()).RootElement;
        var conversation = answer.GetProperty("conversation_id").GetString();

        using var named = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream?follow=false");
        Assert.Equal(HttpStatusCode.NoContent, named.StatusCode);
        Assert.Equal(answer.GetProperty("message_id").GetString(), named.Headers.GetValues("X-Message-ID").Single());
        Assert.Equal(answer.GetProperty("question_id").GetString(), named.Headers.GetValues("X-Question-ID").Single());

        using var response = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(string.Concat(Words), string.Concat((await ServerSentEvents.ReadAsync(response)).Select(item => item.Content)));
        await fixture.UntilAsync($"SELECT count(*) = 1 FROM chat_messages WHERE id = '{answer.GetProperty("message_id").GetString()}' AND finish_reason = 'stop'");
    }

    [Fact]
    public async Task A_route_that_promises_nothing_but_the_answer_gives_it_whoever_says_not_to_wait()
    {
        fixture.Provider.Reply("here it is");
        using var answer = await fixture.Alice.PostRawAsync("/api/v0.3/chat", """{"message": "detached", "detached": true}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("here it is", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("response").GetString());
    }

    [Fact]
    public async Task Why_an_answer_in_the_background_failed_is_told_to_who_comes_for_it()
    {
        fixture.Provider.Fail(HttpStatusCode.BadRequest, "rejected").Reply("ok");
        using var begun = await fixture.Alice.PostAsync(new { message = "fails", detached = true });
        var conversation = JsonDocument.Parse(await begun.Content.ReadAsStringAsync()).RootElement.GetProperty("conversation_id").GetString();
        await fixture.UntilAsync($"SELECT count(*) = 1 FROM llm_calls WHERE conversation_id = '{conversation}' AND status = 'failed'");

        using var response = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream", HttpCompletionOption.ResponseHeadersRead);
        var events = await ServerSentEvents.ReadAsync(response);
        Assert.NotEmpty(events[^2].Json.GetProperty("error").GetProperty("message").GetString()!);
        using var other = await fixture.Bob.Client.GetAsync($"/api/v1/conversations/{conversation}/stream");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);

        // It is forgotten as soon as another one is asked for.
        await fixture.Alice.SayAsync("again", conversation);
        using var over = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task Nobody_watches_or_stops_the_answers_of_another_user()
    {
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(50), Words);
        var conversation = await LeaveAsync();

        using var watched = await fixture.Bob.Client.GetAsync($"/api/v1/conversations/{conversation}/stream");
        using var stopped = await fixture.Bob.Client.PostAsync($"/api/v1/conversations/{conversation}/stop", null);
        Assert.Equal([HttpStatusCode.NotFound, HttpStatusCode.NotFound], [watched.StatusCode, stopped.StatusCode]);
        await fixture.UntilAsync($"SELECT count(*) = 1 FROM chat_messages WHERE conversation_id = '{conversation}' AND finish_reason = 'stop'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stopped_answer_ends_in_good_order_and_what_was_said_is_kept(bool elsewhere)
    {
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
        await using var other = elsewhere ? await fixture.StartAnotherAsync() : null;
        using var stopper = other?.As(AuthHost.DevelopmentKey);
        using var response = await fixture.Alice.OpenStreamAsync("endless");
        var reading = ServerSentEvents.ReadAsync(response);
        await fixture.UntilAsync("SELECT count(*) = 1 FROM chat_runs");
        var conversation = await fixture.QueryAsync<Guid>("SELECT conversation_id FROM chat_runs");

        await Task.Delay(200);
        using var stopped = await (stopper ?? fixture.Alice).Client.PostAsync($"/api/v1/conversations/{conversation}/stop", null);
        Assert.Equal(HttpStatusCode.NoContent, stopped.StatusCode);

        var events = await reading.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("""{"type": "done", "finish_reason": "cancelled"}""", events[^2].Data);
        Assert.Equal(string.Concat(events.Select(item => item.Content)), (await fixture.Alice.MessagesAsync(conversation.ToString()))[^1].Content);
        Assert.Equal("cancelled", await fixture.QueryAsync<string>($"SELECT status FROM llm_calls WHERE conversation_id = '{conversation}'"));
        await fixture.UntilAsync("SELECT count(*) = 0 FROM chat_runs");
    }

    [Fact]
    public async Task An_answer_whose_note_is_lost_is_noted_anew_from_its_beginning()
    {
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(200), [.. Enumerable.Range(1, 60).Select(i => $"word{i} ")]);
        var conversation = await LeaveAsync();
        await fixture.UntilAsync($"SELECT count(*) > 0 FROM chat_run_pieces p JOIN chat_runs r ON r.id = p.run_id WHERE r.conversation_id = '{conversation}'");

        await NativeServers.ExecuteAsync(fixture.Database, $"""
            DELETE FROM chat_run_pieces USING chat_runs WHERE chat_runs.id = run_id AND conversation_id = '{conversation}';
            DELETE FROM chat_runs WHERE conversation_id = '{conversation}'
            """);

        await Eventually.TrueAsync(() => fixture.QueryAsync<bool>($"SELECT count(*) = 1 FROM chat_run_pieces p JOIN chat_runs r ON r.id = p.run_id WHERE r.conversation_id = '{conversation}' AND p.ordinal = 0 AND p.text LIKE 'word1 word2 %'"), seconds: 12);
        await fixture.Alice.Client.PostAsync($"/api/v1/conversations/{conversation}/stop", null);
        await fixture.UntilAsync($"SELECT count(*) = 0 FROM chat_runs WHERE conversation_id = '{conversation}'");
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("clear")]
    public async Task An_answer_to_a_question_that_was_put_otherwise_or_removed_is_ended(string how)
    {
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
        var conversation = await LeaveAsync();
        await fixture.UntilAsync($"SELECT count(*) = 1 FROM chat_runs WHERE conversation_id = '{conversation}'");
        var path = $"/api/v1/conversations/{conversation}/messages";
        var question = (await fixture.Alice.MessageIdsAsync(conversation))[0];
        if (how == "edit")
            fixture.Provider.Reply("another answer");

        var (status, _) = how == "edit" ? await fixture.Alice.SendAsync("POST", $"{path}/{question}/edit", new { content = "otherwise" }) : await fixture.Alice.SendAsync("DELETE", path);
        Assert.InRange(status, 200, 204);

        await Eventually.TrueAsync(() => fixture.QueryAsync<bool>($"SELECT count(*) = 0 FROM chat_runs WHERE conversation_id = '{conversation}'"), seconds: 5);
        using var over = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
        Assert.Equal(how == "edit" ? [("user", "otherwise"), ("assistant", "another answer")] : [], await fixture.Alice.MessagesAsync(conversation));
    }

    [Fact]
    public async Task Who_watches_an_answer_is_told_that_it_broke_off_when_its_asker_leaves()
    {
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
        var asked = await fixture.Alice.OpenStreamAsync("left");
        var conversation = asked.Headers.GetValues("X-Conversation-ID").Single();
        using var response = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream", HttpCompletionOption.ResponseHeadersRead);
        var reading = ServerSentEvents.ReadAsync(response);

        asked.Dispose();

        var events = await reading.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains("broke off", events[^2].Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_leaves_at_once_still_gets_what_was_asked_for_in_the_background()
    {
        fixture.Provider.Reply("made all the same");
        await fixture.Alice.SayAsync("first question");
        for (var milliseconds = 1.0; milliseconds < 400; milliseconds *= 1.2)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds));
            try
            {
                using var response = await fixture.Alice.PostAsync(new { message = "hasty question", stream = true, background = true }, patience.Token);
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }
        }

        // Every question that was kept has its answer.
        await fixture.UntilAsync("""
            SELECT count(*) > 0 AND bool_and(EXISTS (SELECT 1 FROM chat_messages a WHERE a.conversation_id = q.conversation_id AND a.role = 'assistant'))
            FROM chat_messages q WHERE q.content = 'hasty question'
            """);
    }

    [Fact]
    public async Task A_user_has_so_many_answers_in_the_background_and_no_more()
    {
        await using var chat = await fixture.StartAnotherAsync(("Chat:MaxBackgroundAnswers", "2"), ("Providers:IdleTimeout", "00:00:20"));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
        var conversations = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = "go on", stream = true, background = true }) };
            using var response = await alice.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
            {
                conversations.Add(new ReceivedEvent(item.Data, default).Json.GetProperty("conversation_id").GetString()!);
                break;
            }
        }

        using var refused = await alice.PostAsync(new { message = "one too many", background = true });
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero, "It does not say when to come again.");
        var why = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("Too many answers in the background", why.GetProperty("error").GetString());
        Assert.Contains("2 answers are being made", why.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await fixture.QueryAsync<long>("SELECT count(*) FROM chat_messages WHERE content = 'one too many'"));
        foreach (var conversation in conversations)
            await alice.Client.PostAsync($"/api/v1/conversations/{conversation}/stop", null);
    }

    [Fact]
    public async Task Who_watches_elsewhere_an_answer_that_is_stopped_before_its_first_word_sees_a_regular_end()
    {
        await using var other = await fixture.StartAnotherAsync(("Providers:FirstChunkTimeout", "00:00:20"));
        using var alice = other.As(AuthHost.DevelopmentKey);
        fixture.Provider.HangBeforeHeaders();
        using var begun = await alice.PostAsync(new { message = "to be stopped", detached = true });
        var conversation = (await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("conversation_id").GetString();
        using var response = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream", HttpCompletionOption.ResponseHeadersRead);
        await alice.Client.PostAsync($"/api/v1/conversations/{conversation}/stop", null);

        Assert.Equal("""{"type": "done", "finish_reason": "cancelled"}""", (await ServerSentEvents.ReadAsync(response))[^2].Data);
    }

    [Fact]
    public async Task A_burst_of_answers_in_the_background_takes_no_more_places_than_there_are()
    {
        await using var chat = await fixture.StartAnotherAsync(("Chat:MaxBackgroundAnswers", "3"), ("Providers:IdleTimeout", "00:00:20"));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => alice.PostAsync(new { message = "one of many", detached = true })));

        Assert.Equal(3, answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(27, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        Assert.Equal(3, await fixture.QueryAsync<long>("SELECT count(*) FROM chat_messages WHERE content = 'one of many'"));
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted))
        {
            var conversation = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("conversation_id").GetString();
            await alice.Client.PostAsync($"/api/v1/conversations/{conversation}/stop", null);
        }

        // A place is free again once its answer has ended, and a wish that was refused takes none.
        await Eventually.TrueAsync(async () =>
        {
            using var refused = await alice.PostAsync(new { message = "elsewhere", conversation_id = Guid.NewGuid(), detached = true });
            return refused.StatusCode == HttpStatusCode.NotFound;
        });
        using var next = await alice.PostAsync(new { message = "one more", detached = true });
        Assert.Equal(HttpStatusCode.Accepted, next.StatusCode);
        var last = (await next.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("conversation_id").GetString();
        await alice.Client.PostAsync($"/api/v1/conversations/{last}/stop", null);
    }

    /// <summary>Asks in the background, and leaves at the first word.</summary>
    private async Task<string> LeaveAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = "long", stream = true, background = true }) };
        using var response = await fixture.Alice.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        string? conversation = null;
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            if (item.Data.Contains("word", StringComparison.Ordinal))
                break;
            conversation ??= new ReceivedEvent(item.Data, default).Json.GetProperty("conversation_id").GetString();
        }

        return conversation!;
    }
}

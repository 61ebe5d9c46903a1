using System.Net;
using Gaia.Tests.Infrastructure;
using static Gaia.Tests.Chat.Conversations.ConversationCalls;

namespace Gaia.Tests.Chat.Conversations;

/// <summary>Edit and resend, and regenerate.</summary>
[Collection(SharedServers.Name)]
public sealed class RevisionTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task An_edited_message_replaces_all_after_it_and_is_answered()
    {
        var (id, messages) = await TalkAsync();

        fixture.Provider.Reply("about cats");
        var (status, answer) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[2]}/edit", new { content = "tell me of cats" });

        Assert.Equal(200, status);
        Assert.Equal("about cats", answer.GetProperty("choices")[0].GetProperty("message").Text("content"));
        Assert.Equal(
            [("system", ChatHost.SystemPrompt), ("user", "hello"), ("assistant", "answer to hello"), ("user", "tell me of cats")], fixture.Provider.Requests[^1].Messages);
        Assert.Equal([("user", "hello"), ("assistant", "answer to hello"), ("user", "tell me of cats"), ("assistant", "about cats")], await fixture.Alice.MessagesAsync(id));

        // What was replaced is found nowhere, and is there no more to be edited.
        Assert.DoesNotContain(id, (await fixture.Alice.GetAsync($"{Root}/search?query=doggerel")).Ids());
        Assert.Equal(404, (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[2]}/edit", new { content = "again" })).Status);
        Assert.Equal(2, await fixture.QueryAsync<long>($"SELECT count(*) FROM chat_messages WHERE conversation_id = '{id}' AND superseded_at IS NOT NULL"));
    }

    [Fact]
    public async Task Of_two_edits_at_once_one_counts()
    {
        var (id, messages) = await TalkAsync();
        fixture.Provider.Reply(request => $"answer to {request.Messages[^1].Text}");
        var statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
            (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[0]}/edit", new { content = $"edit {i}" })).Status));

        Assert.Equal([200, 404, 404, 404], statuses.Order());
        Assert.Equal(2, (await fixture.Alice.MessagesAsync(id)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_message_is_answered_anew_and_the_new_answer_replaces_all_after_it(int named)
    {
        var (id, messages) = await TalkAsync();

        fixture.Provider.Reply("a better answer");
        var (status, _) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[named]}/regenerate");

        Assert.Equal(200, status);
        Assert.Equal([("system", ChatHost.SystemPrompt), ("user", "hello")], fixture.Provider.Requests[^1].Messages);
        Assert.Equal([("user", "hello"), ("assistant", "a better answer")], await fixture.Alice.MessagesAsync(id));
        Assert.Equal("a better answer", (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("preview"));
        Assert.Equal(0, await fixture.QueryAsync<long>($"SELECT count(*) FROM chat_runs WHERE conversation_id = '{id}'"));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_made_leaves_the_old_one()
    {
        var (id, messages) = await TalkAsync();
        var before = await fixture.Alice.MessagesAsync(id);

        fixture.Provider.Fail(HttpStatusCode.BadRequest);
        var (status, _) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[3]}/regenerate");

        Assert.True(status >= 400, $"{status}");
        Assert.Equal(before, await fixture.Alice.MessagesAsync(id));
    }

    [Fact]
    public async Task A_new_answer_comes_as_a_stream_and_with_another_model()
    {
        var (id, messages) = await TalkAsync();
        fixture.Provider.Reply("streamed anew");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Root}/{id}/messages/{messages[3]}/regenerate")
        {
            Content = new StringContent($$"""{"stream": true, "model": "{{ChatHost.AnthropicModel}}"}"""),
        };
        using var response = await fixture.Alice.Client.SendAsync(request);
        var events = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("data: [DONE]\n\n", events, StringComparison.Ordinal);
        Assert.Equal(("assistant", "streamed anew"), (await fixture.Alice.MessagesAsync(id))[^1]);
        Assert.Equal(ChatHost.AnthropicModel, fixture.Provider.Requests[^1].Model);
    }

    [Fact]
    public async Task An_answer_to_a_message_that_was_edited_meanwhile_is_replaced_with_it()
    {
        var (id, messages) = await TalkAsync();
        fixture.Provider.Stall(TimeSpan.FromSeconds(1.5), ["late "], ["answer"]);
        var asked = fixture.Provider.Requests.Count;
        var slow = fixture.Alice.SayAsync("slow question", id);
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        fixture.Provider.Reply("early answer");
        await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[0]}/edit", new { content = "start over" });
        await slow;

        Assert.Equal([("user", "start over"), ("assistant", "early answer")], await fixture.Alice.MessagesAsync(id));
        Assert.Equal("early answer", (await fixture.Alice.GetAsync($"{Root}/{id}")).Text("preview"));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("left")]
    public async Task A_new_answer_that_breaks_off_half_way_leaves_the_old_one_and_is_counted(string how)
    {
        var (id, messages) = await TalkAsync();
        var before = await fixture.Alice.MessagesAsync(id);
        if (how == "cut")
        {
            fixture.Provider.CutAfter("half ", "an answer ");
            var (status, _) = await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[3]}/regenerate");
            Assert.InRange(status, 502, 503);
        }
        else
        {
            fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(700));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Alice.Client.PostAsync($"{Root}/{id}/messages/{messages[3]}/regenerate", null, patience.Token));
        }

        await fixture.UntilAsync($"SELECT count(*) = 1 FROM llm_calls WHERE conversation_id = '{id}' AND status <> 'completed' AND completion_tokens > 0");
        Assert.Equal(before, await fixture.Alice.MessagesAsync(id));
    }

    [Fact]
    public async Task What_is_said_while_an_answer_is_made_anew_stays_and_stands_after_it()
    {
        var (id, messages) = await TalkAsync();
        fixture.Provider.Stall(TimeSpan.FromSeconds(1.5), ["new "], ["answer"]);
        var asked = fixture.Provider.Requests.Count;
        var slow = fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[3]}/regenerate");
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        fixture.Provider.Reply("answer in between");
        await fixture.Alice.SayAsync("question in between", id);
        Assert.Equal(200, (await slow).Status);

        Assert.Equal(
            [("user", "hello"), ("assistant", "answer to hello"), ("user", "tell me a doggerel"), ("assistant", "new answer"), ("user", "question in between"), ("assistant", "answer in between")],
            await fixture.Alice.MessagesAsync(id));
    }

    [Fact]
    public async Task Of_two_messages_sent_at_once_the_one_is_answered_anew_whose_answer_is_named()
    {
        fixture.Provider.Reply("ready");
        var id = await fixture.Alice.SayAsync("hello");
        fixture.Provider.Stall(TimeSpan.FromSeconds(1), ["slow "], ["answer"]);
        var asked = fixture.Provider.Requests.Count;
        var slow = fixture.Alice.SayAsync("first of two", id);
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        fixture.Provider.Reply("quick answer");
        await fixture.Alice.SayAsync("second of two", id);
        await slow;
        Assert.Equal(("assistant", "slow answer"), (await fixture.Alice.MessagesAsync(id))[^1]);

        fixture.Provider.Reply("new answer");
        Assert.Equal(200, (await fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{(await fixture.Alice.MessageIdsAsync(id))[^1]}/regenerate")).Status);

        Assert.Equal("first of two", fixture.Provider.Requests[^1].Messages[^1].Text);
        Assert.Equal(
            [("user", "hello"), ("assistant", "ready"), ("user", "first of two"), ("assistant", "new answer")], await fixture.Alice.MessagesAsync(id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_several_answers_that_are_made_anew_at_once_one_stands(bool saysMore)
    {
        var (id, messages) = await TalkAsync();
        fixture.Provider.Stall(TimeSpan.FromSeconds(1), ["new "], ["answer"]).Stall(TimeSpan.FromSeconds(1), ["new "], ["answer"]).Stall(TimeSpan.FromSeconds(1.5), ["new "], ["answer"]);
        var asked = fixture.Provider.Requests.Count;
        var slow = Enumerable.Range(0, 3).Select(_ => fixture.Alice.SendAsync("POST", $"{Root}/{id}/messages/{messages[3]}/regenerate")).ToArray();
        await fixture.Provider.WaitForRequestAsync(asked + 3);
        fixture.Provider.Reply("answer in between");
        if (saysMore)
            await fixture.Alice.SayAsync("question in between", id);
        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal(200, answer.Status));

        Assert.Equal(
            [("user", "hello"), ("assistant", "answer to hello"), ("user", "tell me a doggerel"), ("assistant", "new answer"),
                .. saysMore ? new[] { ("user", "question in between"), ("assistant", "answer in between") } : []],
            await fixture.Alice.MessagesAsync(id));
    }

    [Fact]
    public async Task An_answer_to_a_message_that_was_deleted_meanwhile_is_counted_and_not_kept()
    {
        var (id, _) = await TalkAsync();
        fixture.Provider.Stall(TimeSpan.FromSeconds(1), ["too "], ["late"]);
        var asked = fixture.Provider.Requests.Count;
        var slow = fixture.Alice.SayAsync("about to be cleared", id);
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        await fixture.Alice.SendAsync("DELETE", $"{Root}/{id}/messages");
        await slow;

        Assert.Empty(await fixture.Alice.MessagesAsync(id));
        Assert.Equal(3, await fixture.QueryAsync<long>($"SELECT count(*) FROM llm_calls WHERE conversation_id = '{id}'"));
    }

    [Theory]
    [InlineData("edit", """{"content": " "}""", 422)]
    [InlineData("edit", "{}", 422)]
    [InlineData("regenerate", """{"stream": 1}""", 422)]
    public async Task A_wrong_wish_is_refused_and_changes_nothing(string what, string body, int expected)
    {
        var (id, messages) = await TalkAsync();
        using var response = await fixture.Alice.PostRawAsync($"{Root}/{id}/messages/{messages[0]}/{what}", body);
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(4, (await fixture.Alice.MessagesAsync(id)).Count);
    }

    [Fact]
    public async Task Only_the_users_own_words_are_edited_and_only_by_that_user()
    {
        var (id, messages) = await TalkAsync();
        var asked = fixture.Provider.Requests.Count;
        foreach (var (caller, message, what) in new[]
        {
            (fixture.Alice, messages[1], "edit"), (fixture.Bob, messages[0], "edit"), (fixture.Bob, messages[1], "regenerate"),
            (fixture.Alice, Guid.NewGuid().ToString(), "edit"), (fixture.Alice, "first", "regenerate"),
        })
        {
            Assert.Equal(404, (await caller.SendAsync("POST", $"{Root}/{id}/messages/{message}/{what}", new { content = "not allowed" })).Status);
        }

        Assert.Equal(4, (await fixture.Alice.MessagesAsync(id)).Count);
        Assert.Equal(asked, fixture.Provider.Requests.Count);
    }

    private async Task<(string Id, IReadOnlyList<string> Messages)> TalkAsync()
    {
        fixture.Provider.Reply(request => $"answer to {request.Messages[^1].Text}");
        var id = await fixture.Alice.SayAsync("hello");
        await fixture.Alice.SayAsync("tell me a doggerel", id);
        return (id, await fixture.Alice.MessageIdsAsync(id));
    }
}

using System.Net;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Turns;

/// <summary>When the first message of a conversation is kept, and with what.</summary>
[Collection(SharedServers.Name)]
public sealed class OpeningTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task A_question_that_is_answered_at_once_is_kept_with_its_answer()
    {
        fixture.Provider.Reply("at once");
        var transactions = 0L;
        // A slow machine may take a while for the first ones.
        for (var i = 0; i < 10 && transactions != 1; i++)
        {
            var conversation = await fixture.Alice.SayAsync("how soon?");
            transactions = await fixture.QueryAsync<long>($"""
                SELECT count(*) FROM (SELECT xmin::text FROM chat_messages WHERE conversation_id = '{conversation}' UNION SELECT xmin::text FROM conversations WHERE id = '{conversation}') AS written
                """);
            Assert.Equal("user assistant, user assistant", await fixture.QueryAsync<string>($"""
                SELECT string_agg(role, ' ' ORDER BY ordinal) || ', ' || string_agg(role, ' ' ORDER BY created_at) FROM chat_messages WHERE conversation_id = '{conversation}'
                """));
        }

        Assert.Equal(1, transactions);
    }

    [Fact]
    public async Task However_long_its_answer_takes_a_conversation_is_the_same_in_the_end()
    {
        fixture.Provider.Reply("well, yes").Stall(TimeSpan.FromSeconds(1), ["well, "], ["yes"]).Reply("well, yes");
        var soon = await fixture.Alice.SayAsync("is it?");
        var late = await fixture.Alice.SayAsync("is it?");
        using (var streamed = await fixture.Alice.OpenStreamAsync("is it?"))
        {
            await ServerSentEvents.ReadAsync(streamed);
            Assert.Equal(await RowsAsync(soon), await RowsAsync(streamed.Headers.GetValues("X-Conversation-ID").Single()));
        }

        Assert.Equal(await RowsAsync(soon), await RowsAsync(late));
    }

    [Fact]
    public async Task The_question_of_an_answer_that_takes_a_while_is_kept_by_itself()
    {
        var text = $"how long? {Guid.NewGuid()}";
        fixture.Provider.Stall(TimeSpan.FromSeconds(1.5), ["quite "], ["long"]);
        var asked = fixture.Alice.SayAsync(text);

        await fixture.UntilAsync($"SELECT EXISTS (SELECT 1 FROM chat_messages WHERE content = '{text}')");
        Assert.False(asked.IsCompleted);
        // It can be watched and stopped like any other.
        await fixture.UntilAsync($"SELECT EXISTS (SELECT 1 FROM chat_runs JOIN chat_messages asked ON asked.id = chat_runs.question_id WHERE content = '{text}')");

        Assert.Equal([("user", text), ("assistant", "quite long")], await fixture.Alice.MessagesAsync(await asked));
    }

    [Fact]
    public async Task The_question_is_kept_of_an_answer_that_fails()
    {
        var text = $"does it work? {Guid.NewGuid()}";
        fixture.Provider.Fail(HttpStatusCode.BadRequest);
        using var failed = await fixture.Alice.PostAsync(new { message = text });
        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);

        Assert.Equal("1 failed", await fixture.QueryAsync<string>($"""
            SELECT concat_ws(' ', count(*), max(status)) FROM llm_calls JOIN chat_messages asked ON asked.conversation_id = llm_calls.conversation_id WHERE content = '{text}'
            """));
    }

    [Fact]
    public async Task The_question_is_kept_of_an_answer_that_its_client_does_not_wait_for()
    {
        var text = $"who cares? {Guid.NewGuid()}";
        fixture.Provider.StallAfter("nobody ");
        var asked = fixture.Provider.Requests.Count;
        using var patience = new CancellationTokenSource();
        var left = fixture.Alice.PostAsync(new { message = text }, patience.Token);
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        await fixture.UntilAsync($"""
            SELECT EXISTS (SELECT 1 FROM llm_calls JOIN chat_messages asked ON asked.conversation_id = llm_calls.conversation_id WHERE content = '{text}' AND status = 'cancelled')
            """);
    }

    private Task<string?> RowsAsync(string conversation) => fixture.QueryAsync<string>($"""
        SELECT (to_jsonb(c) - ARRAY['id', 'created_at', 'updated_at'] || (
                SELECT jsonb_build_object('begins', min(created_at) = c.created_at, 'ends', max(created_at) = c.updated_at) FROM chat_messages WHERE conversation_id = c.id))::text
            || (SELECT jsonb_agg(to_jsonb(m) - ARRAY['id', 'conversation_id', 'question_id', 'created_at', 'ordinal'] || jsonb_build_object('answers', q.role) ORDER BY m.created_at, m.ordinal)
                FROM chat_messages m LEFT JOIN chat_messages q ON q.id = m.question_id WHERE m.conversation_id = c.id)
        FROM conversations c WHERE id = '{conversation}'
        """);
}

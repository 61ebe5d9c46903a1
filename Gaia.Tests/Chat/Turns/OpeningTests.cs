using System.Net;
using Gaia.Tests.Infrastructure;
using Npgsql;

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

    [Fact]
    public async Task The_question_of_a_stream_is_kept_while_its_model_is_asked_and_before_anything_is_told()
    {
        fixture.Provider.Reply("already there");
        await fixture.Alice.SayAsync("who am I?");
        var asked = fixture.Provider.Requests.Count;
        Task<HttpResponseMessage> opened;
        await using (await HoldAsync())
        {
            opened = fixture.Alice.OpenStreamAsync("is it kept?");
            await fixture.Provider.WaitForRequestAsync(asked + 1);
            await Task.Delay(200);
            Assert.False(opened.IsCompleted);
        }

        using var response = await opened;
        Assert.Equal("[DONE]", (await ServerSentEvents.ReadAsync(response))[^1].Data);
        var conversation = response.Headers.GetValues("X-Conversation-ID").Single();
        Assert.Equal([("user", "is it kept?"), ("assistant", "already there")], await fixture.Alice.MessagesAsync(conversation));
    }

    [Fact]
    public async Task A_question_that_is_being_kept_when_its_client_leaves_is_kept_once()
    {
        var text = $"must I go? {Guid.NewGuid()}";
        fixture.Provider.Reply("ok").StallAfter("stay ");
        await fixture.Alice.SayAsync("who am I?");
        using var patience = new CancellationTokenSource();
        var asked = fixture.Provider.Requests.Count;
        await using (await HoldAsync())
        {
            var left = fixture.Alice.OpenStreamAsync(text, cancellationToken: patience.Token);
            await fixture.Provider.WaitForRequestAsync(asked + 1);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
            await fixture.Provider.Requests[asked].Disconnected.WaitAsync(TimeSpan.FromSeconds(5));
        }

        await fixture.UntilAsync($"SELECT EXISTS (SELECT 1 FROM llm_calls JOIN chat_messages asked ON asked.conversation_id = llm_calls.conversation_id WHERE content = '{text}' AND status = 'cancelled')");
        Assert.Equal(1, await fixture.QueryAsync<long>($"SELECT count(*) FROM chat_messages WHERE content = '{text}'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_whose_question_cannot_be_kept_is_refused_and_leaves_its_model_and_no_trace(bool speaks)
    {
        var text = $"is it kept? {Guid.NewGuid()}";
        _ = speaks ? fixture.Provider.Reply("ok").StallAfter("for nothing ") : fixture.Provider.Reply("ok").HangBeforeHeaders();
        await fixture.Alice.SayAsync("who am I?");
        var asked = fixture.Provider.Requests.Count;
        Task<HttpResponseMessage> opened;
        await using (await HoldAsync())
        {
            opened = fixture.Alice.OpenStreamAsync(text);
            await fixture.Provider.WaitForRequestAsync(asked + 1);
            // A group does not wait that long for a lock: it is the last try, by itself.
            while (await fixture.QueryAsync<long>(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query_start < clock_timestamp() - interval '0.3 s'") == 0)
                await Task.Delay(50);
        }

        using var refused = await opened;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("""{"detail":"Service database unavailable"}""", await refused.Content.ReadAsStringAsync());
        Assert.False(refused.Headers.Contains("X-Conversation-ID"));
        await fixture.Provider.Requests[asked].Disconnected.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, await fixture.QueryAsync<long>($"SELECT count(*) FROM chat_messages WHERE content = '{text}'"));
    }

    /// <summary>Nobody begins a conversation until this is disposed.</summary>
    private async Task<NpgsqlConnection> HoldAsync()
    {
        var connection = new NpgsqlConnection(fixture.Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var hold = new NpgsqlCommand("BEGIN; LOCK TABLE conversations IN SHARE MODE", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }

    private Task<string?> RowsAsync(string conversation) => fixture.QueryAsync<string>($"""
        SELECT (to_jsonb(c) - ARRAY['id', 'created_at', 'updated_at'] || (
                SELECT jsonb_build_object('begins', min(created_at) = c.created_at, 'ends', max(created_at) = c.updated_at) FROM chat_messages WHERE conversation_id = c.id))::text
            || (SELECT jsonb_agg(to_jsonb(m) - ARRAY['id', 'conversation_id', 'question_id', 'created_at', 'ordinal'] || jsonb_build_object('answers', q.role) ORDER BY m.created_at, m.ordinal)
                FROM chat_messages m LEFT JOIN chat_messages q ON q.id = m.question_id WHERE m.conversation_id = c.id)
        FROM conversations c WHERE id = '{conversation}'
        """);
}

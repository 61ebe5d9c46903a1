using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Turns;

/// <summary>What becomes of the answers of a replica that dies.</summary>
[Collection(SharedServers.Name)]
public sealed class LostReplicaTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task What_a_dead_replica_had_said_is_kept_by_another()
    {
        fixture.Provider.Reply("ok");
        var conversation = await fixture.Alice.SayAsync("hello");
        await AbandonAsync(conversation, lease: "-1 second");

        await Eventually.TrueAsync(() => fixture.QueryAsync<bool>($"SELECT count(*) = 1 FROM chat_messages WHERE conversation_id = '{conversation}' AND finish_reason = 'error' AND content = 'half an answer'"), seconds: 30);
        Assert.Equal("half an answer", await fixture.QueryAsync<string>($"SELECT preview FROM conversations WHERE id = '{conversation}'"));
        Assert.Equal(("assistant", "half an answer"), (await fixture.Alice.MessagesAsync(conversation))[^1]);
        Assert.Equal("replica_lost 7 4 0.047", await fixture.QueryAsync<string>(
            $"SELECT concat_ws(' ', error_type, prompt_tokens, completion_tokens, trim_scale(cost_usd)) FROM llm_calls WHERE conversation_id = '{conversation}' AND status = 'failed'"));
    }

    [Fact]
    public async Task An_answer_that_is_kept_and_was_not_forgotten_changes_nothing_more()
    {
        fixture.Provider.Reply("whole answer").Reply("last answer");
        var conversation = await fixture.Alice.SayAsync("hello");
        await AbandonAsync(conversation, lease: "1 hour");
        await fixture.Alice.SayAsync("and then?", conversation);
        var before = await fixture.QueryAsync<string>($"SELECT preview || updated_at FROM conversations WHERE id = '{conversation}'");
        await NativeServers.ExecuteAsync(fixture.Database, $"""
            UPDATE chat_runs SET lease_until = now() AT TIME ZONE 'utc' - interval '1 s', message_id = (SELECT id FROM chat_messages WHERE conversation_id = '{conversation}' AND content = 'whole answer')
            WHERE conversation_id = '{conversation}'
            """);

        await Eventually.TrueAsync(() => fixture.QueryAsync<bool>($"SELECT count(*) = 0 FROM chat_runs WHERE conversation_id = '{conversation}'"), seconds: 30);
        Assert.Equal(before, await fixture.QueryAsync<string>($"SELECT preview || updated_at FROM conversations WHERE id = '{conversation}'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_watches_an_answer_whose_replica_dies_is_told_that_it_failed(bool isKept)
    {
        fixture.Provider.Reply("ok");
        var conversation = await fixture.Alice.SayAsync("hello");
        await AbandonAsync(conversation, lease: isKept ? "1 hour" : "2 seconds");
        using var response = await fixture.Alice.Client.GetAsync($"/api/v1/conversations/{conversation}/stream", HttpCompletionOption.ResponseHeadersRead);
        var reading = ServerSentEvents.ReadAsync(response);
        if (isKept)
        {
            await NativeServers.ExecuteAsync(fixture.Database, $"""
                WITH run AS (DELETE FROM chat_runs WHERE conversation_id = '{conversation}' RETURNING *)
                INSERT INTO chat_messages (id, user_id, conversation_id, role, content, finish_reason, created_at)
                SELECT message_id, user_id, conversation_id, 'assistant', 'half an answer', 'error', now() AT TIME ZONE 'utc' FROM run
                """);
        }

        var events = await reading.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("half an answer", string.Concat(events.Select(item => item.Content)));
        var failure = events[^2].Json;
        Assert.Equal("error", failure.GetProperty("model").GetString());
        Assert.Equal("error", failure.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.NotEmpty(failure.GetProperty("error").GetProperty("message").GetString()!);
        Assert.Equal("[DONE]", events[^1].Data);
    }

    /// <summary>What a replica leaves that dies in the middle of an answer.</summary>
    /// <param name="conversation">With one question.</param>
    /// <param name="lease">How long the answer still counts as being made.</param>
    private Task AbandonAsync(string conversation, string lease) => NativeServers.ExecuteAsync(fixture.Database, $"""
        WITH run AS (
            INSERT INTO chat_runs (id, user_id, conversation_id, message_id, question_id, regenerates, route, provider, model, prompt_tokens, input_price, output_price, background, started_at, lease_until)
            SELECT gen_random_uuid(), user_id, id, gen_random_uuid(), (SELECT id FROM chat_messages WHERE conversation_id = conversations.id AND role = 'user'), false,
                'v1.chat', 'openai', 'gpt-4o-mini', 7, 0.001, 0.01, true, now() AT TIME ZONE 'utc' - interval '1 minute', now() AT TIME ZONE 'utc' + interval '{lease}'
            FROM conversations WHERE id = '{conversation}' RETURNING id)
        INSERT INTO chat_run_pieces (run_id, ordinal, text) SELECT id, o, t FROM run, (VALUES (0, 'half an '), (8, 'answer')) AS said (o, t)
        """);
}

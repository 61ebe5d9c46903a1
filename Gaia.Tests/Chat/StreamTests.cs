using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class StreamTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData(ChatHost.OpenAIModel)]
    [InlineData(ChatHost.AnthropicModel)]
    public async Task A_stream_has_the_contracts_shape(string model)
    {
        fixture.Provider.Stream(TimeSpan.Zero, "Hällo", " \"world\"\n", " 😀 {\"m\": 1}");
        using var response = await fixture.Alice.OpenStreamAsync("hi", model: model);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal("no-cache", response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());

        var text = await response.Content.ReadAsStringAsync();
        Assert.All(text, c => Assert.True(c < 128));
        Assert.All(text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..]).ToList();
        Assert.Equal("[DONE]", events[^1]);
        var json = events[..^1].ConvertAll(data => JsonDocument.Parse(data).RootElement);

        Assert.Equal(["type", "conversation_id", "model", "timestamp"], json[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal("metadata", json[0].GetProperty("type").GetString());
        Assert.Equal("unified-chat", json[0].GetProperty("model").GetString());
        Assert.InRange(json[0].GetProperty("timestamp").GetInt64(), DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

        var chunks = json[1..^2];
        Assert.Equal(3, chunks.Count);
        Assert.Equal("Hällo \"world\"\n 😀 {\"m\": 1}", string.Concat(chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString())));
        Assert.All(chunks, chunk =>
        {
            Assert.Equal(["id", "object", "created", "model", "choices"], chunk.EnumerateObject().Select(member => member.Name));
            Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString());
            Assert.Equal(model, chunk.GetProperty("model").GetString());
            Assert.Equal(chunks[0].GetProperty("id").GetString(), chunk.GetProperty("id").GetString());
            Assert.Equal(JsonValueKind.Null, chunk.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind);
        });

        Assert.Equal(["type", "time_to_first_chunk_ms", "routing_time_ms", "llm_time_ms", "total_time_ms"], json[^2].EnumerateObject().Select(member => member.Name));
        Assert.Equal("""{"type": "done", "finish_reason": "stop"}""", events[^2]);
    }

    [Fact]
    public async Task Chunks_arrive_as_they_are_made()
    {
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(200), "one ", "two ", "three ", "four");
        using var response = await fixture.Alice.OpenStreamAsync("hi");
        var chunks = (await ServerSentEvents.ReadAsync(response)).Where(item => item.Content is not null).ToList();

        Assert.Equal(["one ", "two ", "three ", "four"], chunks.Select(chunk => chunk.Content));
        for (var i = 1; i < chunks.Count; i++)
            Assert.InRange((chunks[i].ArrivedAt - chunks[i - 1].ArrivedAt).TotalMilliseconds, 120, 400);
    }

    [Fact]
    public async Task The_question_is_committed_before_the_first_byte_and_the_answer_before_the_last()
    {
        fixture.Provider.StallAfter("partly ");
        using var response = await fixture.Alice.OpenStreamAsync("kept at once");
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            var conversation = JsonDocument.Parse(item.Data).RootElement.GetProperty("conversation_id").GetString();
            Assert.Equal("kept at once", await fixture.QueryAsync<string>($"SELECT content FROM chat_messages WHERE conversation_id = '{conversation}'"));
            break;
        }

        fixture.Provider.Reply("the whole answer");
        using var complete = await fixture.Alice.OpenStreamAsync("kept at the end");
        var id = "";
        await foreach (var item in SseParser.Create(await complete.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            if (id.Length == 0)
                id = JsonDocument.Parse(item.Data).RootElement.GetProperty("conversation_id").GetString()!;
            if (item.Data.Contains("time_to_first_chunk_ms", StringComparison.Ordinal))
                Assert.Equal("the whole answer", await fixture.QueryAsync<string>($"SELECT content FROM chat_messages WHERE conversation_id = '{id}' AND role = 'assistant'"));
        }
    }

    [Theory]
    [InlineData(ChatHost.OpenAIModel, 1)]
    [InlineData(ChatHost.OpenAIModel, 4)]
    [InlineData(ChatHost.AnthropicModel, 1)]
    [InlineData(ChatHost.AnthropicModel, 4)]
    public async Task A_client_that_leaves_ends_the_call_and_what_was_said_is_kept(string model, int chunks)
    {
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(50), "word ");
        var received = 0;
        string? conversation = null;
        using (var response = await fixture.Alice.OpenStreamAsync("endless", model: model))
        {
            await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
            {
                var json = JsonDocument.Parse(item.Data).RootElement;
                if (json.TryGetProperty("conversation_id", out var id))
                    conversation = id.GetString();
                else if (++received == chunks)
                    break;
            }
        }

        var left = Stopwatch.GetTimestamp();
        var request = fixture.Provider.Requests[^1];
        await request.Disconnected.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.InRange(Stopwatch.GetElapsedTime(left).TotalSeconds, 0, 1);

        await fixture.UntilAsync($"SELECT count(*) = 1 FROM chat_messages WHERE conversation_id = '{conversation}' AND role = 'assistant' AND finish_reason = 'cancelled'");
        var kept = (await fixture.Alice.MessagesAsync(conversation!))[^1].Content;
        Assert.InRange(kept.Length, chunks * "word ".Length, (chunks + 8) * "word ".Length);
        Assert.Equal("estimated", await fixture.QueryAsync<string>($"SELECT usage_source FROM chat_messages WHERE conversation_id = '{conversation}' AND role = 'assistant' AND completion_tokens > 0 AND prompt_tokens > 0"));

        // The conversation goes on, and the model is told what it had said.
        fixture.Provider.Reply("going on");
        await fixture.Alice.SayAsync("and?", conversation, model);
        Assert.Equal(("assistant", kept.TrimEnd()), (fixture.Provider.Requests[^1].Messages[2].Role, fixture.Provider.Requests[^1].Messages[2].Text.TrimEnd()));
    }

    [Fact]
    public async Task A_client_that_leaves_before_a_whole_answer_ends_the_call_too()
    {
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(20), "word ");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Alice.PostAsync(new { message = "whole" }, patience.Token));

        await fixture.Provider.Requests[^1].Disconnected.WaitAsync(TimeSpan.FromSeconds(1));
        await fixture.UntilAsync("SELECT count(*) = 1 FROM chat_messages a JOIN chat_messages q USING (conversation_id) WHERE q.content = 'whole' AND a.finish_reason = 'cancelled'");
    }

    [Fact]
    public async Task An_answer_without_end_is_ended()
    {
        fixture.Provider.Endless(TimeSpan.Zero, new string('x', 1000));
        using var response = await fixture.Alice.OpenStreamAsync("never stop");
        var events = await ServerSentEvents.ReadAsync(response);

        Assert.Equal(new string('x', 5000), string.Concat(events.Select(item => item.Content)));
        Assert.Equal("""{"type": "done", "finish_reason": "length"}""", events[^2].Data);
        await fixture.Provider.Requests[^1].Disconnected.WaitAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_stream_longer_than_every_time_limit_is_not_ended()
    {
        fixture.Provider.Stream(TimeSpan.FromMilliseconds(200), [.. Enumerable.Repeat("tick ", 13)]);
        using var response = await fixture.Alice.OpenStreamAsync("take your time");
        var events = await ServerSentEvents.ReadAsync(response);

        Assert.Equal(13, events.Count(item => item.Content is not null));
        Assert.Equal("[DONE]", events[^1].Data);
    }

    [Fact]
    public async Task A_service_that_is_told_to_stop_ends_its_streams_and_keeps_what_was_said()
    {
        fixture.Provider.Endless(TimeSpan.FromMilliseconds(20), "word ");
        var chat = await fixture.StartAnotherAsync(("Chat:StopGrace", "00:00:00.3"));
        using var alice = chat.As(AuthHost.DevelopmentKey);
        using var response = await alice.OpenStreamAsync("until the end");
        var reading = ServerSentEvents.ReadAsync(response);
        await Task.Delay(200);
        await chat.DisposeAsync();
        var events = await reading;

        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal("Service chat unavailable", events[^2].Json.GetProperty("error").GetProperty("message").GetString());
        var conversation = events[0].Json.GetProperty("conversation_id").GetString();
        Assert.Equal(string.Concat(events.Select(item => item.Content)), (await fixture.Alice.MessagesAsync(conversation!))[^1].Content);
    }
}

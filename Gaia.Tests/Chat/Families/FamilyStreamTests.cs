using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Gaia.Chat.Streaming;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.Tests.Chat.Families;

/// <summary>Bullets 1, 2 and 6 on the wire: the stream of each family, its words and directives, and the world updates in it.</summary>
[Collection(SharedServers.Name)]
public sealed class FamilyStreamTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    private const string Directive = """{"m":"wave","p":{"to":"you } there"}}""";

    /// <summary>Every way to a stream, and whether it is that of OpenAI's chunks.</summary>
    public static TheoryData<string> Streams { get; } = ["/api/v1/chat", "/api/v0.3/chat", "/api/v0.2/chat", "/api/v0.2/chat/stream", "/api/v1/chat/completions", "/api/v1/chat/multi-provider", "/api/v1/chat/storytelling"];

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task No_word_and_no_directive_is_split_however_the_model_cuts_them(string path)
    {
        var text = $"Hällo wörld, pi is 3.14!{Directive}and 😀 more\nlines {Directive} to the end";
        foreach (var size in new[] { 1, 3, 1000 })
        {
            fixture.Provider.Stream(TimeSpan.Zero, [.. text.Chunk(size).Select(part => new string(part)).Aggregate(new List<string>(), JoinPairs)]);
            var (raw, _) = await ReadAsync(path);
            var chunks = Contents(raw).ToList();

            Assert.All(raw, c => Assert.True(c < 128));
            Assert.Equal(text, string.Concat(chunks));
            Assert.Equal(2, chunks.Count(chunk => chunk == Directive));
            var at = 0;
            foreach (var chunk in chunks[..^1])
            {
                at += chunk.Length;
                Assert.True(text[at - 1] is ' ' or '\n' || chunk == Directive || text[at..].StartsWith(Directive, StringComparison.Ordinal), $"{path}: split at {at} of {text}");
            }
        }
    }

    [Fact]
    public async Task V03_streams_typed_events_and_one_done()
    {
        fixture.Provider.Reply("It is so.");
        var (raw, response) = await ReadAsync("/api/v0.3/chat");
        Assert.Equal("text/event-stream; charset=utf-8", response);
        var events = Events(raw).ToList();

        Assert.DoesNotContain("[DONE]", events);
        Assert.All(Json(events), item => Assert.Contains(Type(item), new[] { "metadata", "content", "done" }));
        Assert.Equal(["type", "content"], Json(events).First(item => Type(item) == "content").EnumerateObject().Select(member => member.Name));
        var conversation = Json(events).First().GetProperty("conversation_id").GetString();
        Assert.Equal($$"""{"type": "done", "finish_reason": "stop", "conversation_id": "{{conversation}}"}""", events[^1]);
        Assert.Equal(1, events.Count(item => item.Contains("\"done\"", StringComparison.Ordinal)));
        Assert.Contains("time_to_first_chunk_ms", events[^2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v0.2/chat")]
    [InlineData("/api/v1/chat/completions")]
    public async Task V02_streams_OpenAIs_chunks_one_stop_and_one_end(string path)
    {
        fixture.Provider.Reply("It is so.");
        var (raw, _) = await ReadAsync(path);
        var events = Events(raw).ToList();

        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(1, events.Count(item => item == "[DONE]"));
        var chunks = Json(events[..^1]).ToList();
        Assert.All(chunks, chunk =>
        {
            Assert.Equal(["id", "object", "created", "model", "choices"], chunk.EnumerateObject().Select(member => member.Name));
            Assert.Matches("^chatcmpl-[0-9]+$", chunk.GetProperty("id").GetString());
            Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString());
        });
        Assert.Equal("""{"index":0,"delta":{},"finish_reason":"stop"}""", JsonSerializer.Serialize(chunks[^1].GetProperty("choices")[0]));
        Assert.All(chunks[..^1], chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind));
    }

    [Theory]
    [InlineData("/api/v1/chat/completions")]
    [InlineData("/api/v0.2/chat/completions")]
    public async Task A_stream_in_OpenAIs_form_tells_its_usage_to_whoever_asks_for_it(string path)
    {
        fixture.Provider.Reply("It is so.");
        using var response = await fixture.Alice.PostRawAsync(path, """{"messages": [{"role": "user", "content": "hi"}], "stream": true, "stream_options": {"include_usage": true}}""");
        var chunks = Json(Events(await response.Content.ReadAsStringAsync()).SkipLast(1)).ToList();

        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        var usage = chunks[^1].GetProperty("usage");
        Assert.InRange(usage.GetProperty("completion_tokens").GetInt32(), 2, 10);
        Assert.Equal(usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32());
        Assert.Equal(chunks[0].GetProperty("id").GetString(), chunks[^1].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("true")]
    [InlineData("""{"include_usage": "yes"}""")]
    public async Task Stream_options_that_cannot_be_read_are_a_422(string options)
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v1/chat/completions", $$"""{"messages": [{"role": "user", "content": "hi"}], "stream": true, "stream_options": {{options}}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("stream_options", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_typed_stream_tells_every_step_in_its_order()
    {
        fixture.Provider.Reply("It is so.");
        var (raw, _) = await ReadAsync("/api/v0.2/chat/stream", stream: false);
        var events = Events(raw).ToList();
        Assert.Equal("[DONE]", events[^1]);
        var items = Json(events[..^1]).ToList();

        Assert.Equal(["start", "ready", "model_selection", "content", "metadata", "complete"], items.Select(Type).Where((type, i) => i == 0 || type != Type(items[i - 1])));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$", items[0].GetProperty("timestamp").GetString());
        Assert.Equal(["type", "timestamp", "parallel_fetch_ms", "cache_hits"], items[1].EnumerateObject().Select(member => member.Name));
        Assert.Equal(("gpt-4o-mini", "openai"), (items[2].GetProperty("model").GetString(), items[2].GetProperty("provider").GetString()));
        Assert.NotEqual("", items[2].GetProperty("reasoning").GetString());
        Assert.All(items.Where(item => Type(item) == "content"), item => Assert.Equal(["type", "content", "provider", "model"], item.EnumerateObject().Select(member => member.Name)));
        Assert.False(items[^2].GetProperty("fallback_used").GetBoolean());
        Assert.InRange(items[^2].GetProperty("total_tokens").GetInt32(), 2, 1000);
        Assert.Equal("It is so.".Length, items[^1].GetProperty("response_length").GetInt32());
    }

    [Theory]
    [InlineData("/api/v1/chat", "streaming_error", "[DONE]")]
    [InlineData("/api/v0.3/chat", "\"type\": \"error\"", "\"finish_reason\": \"error\"")]
    [InlineData("/api/v0.2/chat", "internal_error", "[DONE]")]
    [InlineData("/api/v0.2/chat/stream", "\"type\": \"error\"", "[DONE]")]
    public async Task A_failure_ends_every_stream_with_an_error_and_its_own_end(string path, string error, string end)
    {
        fixture.Provider.CutAfter("said so", " far");
        var (raw, _) = await ReadAsync(path);
        var events = Events(raw).ToList();

        Assert.Equal("said so far", string.Concat(Contents(raw)));
        Assert.Single(events, item => item.Contains(error, StringComparison.Ordinal));
        Assert.Contains(end, events[^1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task World_updates_enter_the_users_open_streams_in_order_until_their_end_and_nobody_elses(string path)
    {
        fixture.Provider.Reply("Hello.");
        var alice = await fixture.QueryAsync<Guid>($"SELECT user_id FROM conversations WHERE id = '{await fixture.Alice.SayAsync("hi")}'");
        await using var nats = await NatsPublisher.ConnectAsync(fixture.Servers);
        // Far longer than the provider's pause, however busy the machine is.
        (string, string?)[] patience = [("Providers:IdleTimeout", "00:00:30")];
        await using var one = await fixture.StartAnotherAsync(patience);
        await using var two = await fixture.StartAnotherAsync(patience);
        using var first = one.As(AuthHost.DevelopmentKey);
        using var second = two.As(AuthHost.DevelopmentKey);
        using var stranger = one.As(fixture.Bob.Client.DefaultRequestHeaders.GetValues("X-API-Key").Single());
        // When a subscription takes effect is NATS's affair; these share theirs with the streams.
        using var here = one.Services.GetRequiredService<WorldUpdates>().Open(alice);
        using var there = two.Services.GetRequiredService<WorldUpdates>().Open(alice);
        await nats.ReachAsync(alice, here);
        await nats.ReachAsync(alice, there);
        // The pause is for the events after the last chunk.
        fixture.Provider.Stall(TimeSpan.FromSeconds(4), ["Hello ", "world "], []);
        var streams = new[] { first, second, stranger };
        var responses = await Task.WhenAll(streams.Select(caller => OpenAsync(caller, path)));
        var reading = responses.Select(response => response.Content.ReadAsStringAsync()).ToList();
        for (var i = 0; i < 20; i++)
            await nats.PublishAsync(alice, $$"""{"type":"world_update","n":{{i}},"text":"ä"}""");
        var raws = await Task.WhenAll(reading);

        var expected = Enumerable.Range(0, 20).Select(i => $$"""{"type":"world_update","n":{{i}},"text":"\u00E4"}""").ToList();
        foreach (var raw in raws[..2])
        {
            Assert.Equal(expected, Events(raw).Where(item => item.Contains("world_update", StringComparison.Ordinal)));
            Assert.Equal("Hello world ", string.Concat(Contents(raw)));
            // Before the end marker, and whole: every event is a line of its own.
            Assert.DoesNotContain("world_update", Events(raw).Last(), StringComparison.Ordinal);
            Assert.All(Events(raw).Where(item => item != "[DONE]"), item => JsonDocument.Parse(item).Dispose());
        }

        Assert.DoesNotContain("world_update", raws[2], StringComparison.Ordinal);
        foreach (var response in responses)
            response.Dispose();
    }

    [Fact]
    public async Task A_stream_does_without_world_updates_while_NATS_is_down()
    {
        await fixture.Servers.Nats.StopAsync();
        try
        {
            fixture.Provider.Reply("All the same.");
            var (raw, _) = await ReadAsync("/api/v1/chat");
            Assert.Equal("All the same.", string.Concat(Contents(raw)));
            Assert.EndsWith("[DONE]\n\n", raw, StringComparison.Ordinal);
        }
        finally
        {
            await fixture.Servers.Nats.StartAsync();
        }
    }

    /// <summary>A provider's SDK decodes bytes: half a pair never reaches Gaia.</summary>
    private static List<string> JoinPairs(List<string> parts, string part)
    {
        if (parts.Count > 0 && char.IsHighSurrogate(parts[^1][^1]))
            parts[^1] += part;
        else
            parts.Add(part);
        return parts;
    }

    private static Task<HttpResponseMessage> OpenAsync(ChatCaller caller, string path, bool stream = true)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = path.EndsWith("completions", StringComparison.Ordinal)
                ? JsonContent.Create(new { messages = new[] { new { role = "user", content = "hi" } }, stream })
                : JsonContent.Create(new { message = "hi", stream }),
        };
        return caller.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private async Task<(string Raw, string ContentType)> ReadAsync(string path, bool stream = true)
    {
        using var response = await OpenAsync(fixture.Alice, path, stream);
        var raw = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, raw);
        return (raw, response.Content.Headers.GetValues("Content-Type").Single());
    }

    private static IEnumerable<string> Events(string raw) =>
        SseParser.Create(new MemoryStream(Encoding.UTF8.GetBytes(raw))).Enumerate().Select(item => item.Data);

    private static IEnumerable<JsonElement> Json(IEnumerable<string> events) => events.Select(item => JsonDocument.Parse(item).RootElement);

    private static string Type(JsonElement item)
    {
        Assert.True(item.TryGetProperty("type", out var type), $"No type: {item}");
        return type.GetString()!;
    }

    private static IEnumerable<string> Contents(string raw)
    {
        foreach (var item in Json(Events(raw).Where(data => data != "[DONE]")))
        {
            if (item.TryGetProperty("choices", out var choices))
            {
                if (choices[0].GetProperty("delta").TryGetProperty("content", out var content))
                    yield return content.GetString()!;
            }
            else if (Type(item) == "content")
            {
                yield return item.GetProperty("content").GetString()!;
            }
        }
    }
}

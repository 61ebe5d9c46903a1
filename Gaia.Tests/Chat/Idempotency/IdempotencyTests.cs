using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gaia.Tests.Chat.Conversations;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat.Idempotency;

[Collection(SharedServers.Name)]
public sealed class IdempotencyTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Theory]
    [InlineData("/api/v1/chat", false)]
    [InlineData("/api/v1/chat", true)]
    [InlineData("/api/v0.3/chat", true)]
    [InlineData("/api/v0.2/chat", false)]
    [InlineData("/api/v0.2/chat/stream", true)]
    [InlineData("/api/v1/chat/direct", false)]
    [InlineData("/api/v1/chat/ultrafast-redis", false)]
    [InlineData("/api/v1/chat/gamemaster", false)]
    public async Task The_same_request_with_the_same_key_gets_the_same_answer_and_no_model_is_asked_again(string path, bool stream)
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("the only answer");
        var asked = fixture.Provider.Requests.Count;
        using var first = await SendAsync(fixture.Alice, path, key, "once", stream);
        var body = await first.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        await using var other = await fixture.StartAnotherAsync();
        using var elsewhere = other.As(AuthHost.DevelopmentKey);
        foreach (var caller in new[] { fixture.Alice, elsewhere })
        {
            using var again = await SendAsync(caller, path, key, "once", stream);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Equal(body, await again.Content.ReadAsStringAsync());
            Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
            Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        }

        Assert.Equal(asked + 1, fixture.Provider.Requests.Count);
    }

    [Fact]
    public async Task An_answer_that_nobody_waits_for_is_begun_once()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("in the background");
        using var first = await BeginAsync();
        var body = await first.Content.ReadAsStringAsync();
        using var again = await BeginAsync();

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Accepted], [first.StatusCode, again.StatusCode]);
        Assert.Equal(body, await again.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());

        Task<HttpResponseMessage> BeginAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = "begin", detached = true }) };
            request.Headers.Add("Idempotency-Key", key);
            return fixture.Alice.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_key_belongs_to_one_request_of_one_user()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("an answer");
        using var first = await SendAsync(fixture.Alice, "/api/v1/chat", key, "mine", stream: false);
        using var changed = await SendAsync(fixture.Alice, "/api/v1/chat", key, "mine, changed", stream: false);
        using var bobs = await SendAsync(fixture.Bob, "/api/v1/chat", key, "mine", stream: false);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK], [first.StatusCode, changed.StatusCode, bobs.StatusCode]);
        Assert.False(bobs.Headers.Contains("Idempotency-Replayed"));
        using var wrong = await SendAsync(fixture.Alice, "/api/v1/chat", new string('k', 256), "mine", stream: false);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/chat", """{"response_format": "v0.3"}""")]
    [InlineData("/api/v1/chat", """{"background": true}""")]
    [InlineData("/api/v0.2/chat", """{"required_capabilities": ["vision"]}""")]
    [InlineData("/api/v0.2/chat", """{"max_response_time_ms": 50000}""")]
    [InlineData("/api/v0.2/chat", """{"enable_fallback": false}""")]
    [InlineData("/api/v0.2/chat", """{"force_provider": false}""")]
    [InlineData("/api/v1/chat/completions", """{"stream_options": {"include_usage": true}}""")]
    public async Task Everything_that_an_answer_depends_on_makes_it_another_request(string path, string more)
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("an answer");
        var said = path.EndsWith("completions", StringComparison.Ordinal) ? """{"messages": [{"role": "user", "content": "hi"}]}""" : """{"message": "hi"}""";
        using var first = await SendAsync(fixture.Alice, path, key, JsonNode.Parse(said)!);
        using var other = await SendAsync(fixture.Alice, path, key, JsonNode.Parse($"{said[..^1]}, {more[1..]}")!);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity], [first.StatusCode, other.StatusCode]);
    }

    [Fact]
    public async Task An_answer_that_is_made_anew_is_told_again_though_it_replaced_what_was_named()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("an answer").Reply("a better answer");
        var conversation = await fixture.Alice.SayAsync("once and again");
        var path = $"/api/v1/conversations/{conversation}/messages/{(await fixture.Alice.MessageIdsAsync(conversation))[1]}/regenerate";
        using var first = await SendAsync(fixture.Alice, path, key, new { });
        using var again = await SendAsync(fixture.Alice, path, key, new { });
        using var another = await SendAsync(fixture.Alice, path, Guid.NewGuid().ToString(), new { });

        fixture.Provider.Reply("to other words");
        var question = (await fixture.Alice.MessageIdsAsync(conversation))[0];
        using var edited = await SendAsync(fixture.Alice, $"/api/v1/conversations/{conversation}/messages/{question}/edit", Guid.NewGuid().ToString(), new { content = "in other words" });
        using var late = await SendAsync(fixture.Alice, path, key, new { });

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound], [first.StatusCode, again.StatusCode, another.StatusCode]);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [edited.StatusCode, late.StatusCode]);
        foreach (var repeated in new[] { again, late })
            Assert.Equal(await first.Content.ReadAsStringAsync(), await repeated.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_answer_that_could_not_be_begun_is_not_promised()
    {
        var key = Guid.NewGuid().ToString();
        var body = new { message = "promise", detached = true };
        await RefuseAsync("INSERT");
        using (var refused = await SendAsync(fixture.Alice, "/api/v1/chat", key, body))
            Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);

        await AllowAsync();
        fixture.Provider.Reply("kept");
        using var begun = await SendAsync(fixture.Alice, "/api/v1/chat", key, body);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        Assert.False(begun.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task An_answer_is_told_that_only_could_not_be_taken_from_those_in_progress()
    {
        await RefuseAsync("DELETE");
        try
        {
            fixture.Provider.Reply("complete all the same");
            using var answer = await SendAsync(fixture.Alice, "/api/v1/chat", Guid.NewGuid().ToString(), new { message = "hi", background = true });
            Assert.Contains("complete all the same", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await AllowAsync();
        }
    }

    [Fact]
    public async Task An_empty_key_is_refused()
    {
        using var answer = await SendAsync(fixture.Alice, "/api/v1/chat", "", new { message = "hi" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("1 to 255", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_said_again_with_the_headers_that_belong_to_it()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Reply("streamed");
        using var first = await SendAsync(fixture.Alice, "/api/v1/chat", key, "headers", stream: true);
        using var again = await SendAsync(fixture.Alice, "/api/v1/chat", key, "headers", stream: true);

        foreach (var name in new[] { "X-Conversation-ID", "X-Message-ID", "X-Question-ID", "X-Accel-Buffering", "Cache-Control" })
            Assert.Equal(first.Headers.GetValues(name), again.Headers.GetValues(name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_in_the_background_is_kept_whole_for_whoever_left_and_comes_back(bool stream)
    {
        var key = Guid.NewGuid().ToString();
        var body = new { message = $"left {key}", background = true, stream };
        fixture.Provider.Stall(TimeSpan.FromSeconds(1.5), ["to the "], ["end"]);
        var asked = fixture.Provider.Requests.Count;
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(0.7)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await (await SendAsync(fixture.Alice, "/api/v1/chat", key, body, patience.Token)).Content.ReadAsStringAsync(patience.Token));

        await fixture.UntilAsync($"SELECT body IS NOT NULL FROM idempotent_answers WHERE key = '{key}'");
        using var again = await SendAsync(fixture.Alice, "/api/v1/chat", key, body);

        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        var text = await again.Content.ReadAsStringAsync();
        Assert.Contains("to the ", text, StringComparison.Ordinal);
        Assert.Contains(stream ? "data: [DONE]" : "to the end", text, StringComparison.Ordinal);
        Assert.Equal(asked + 1, fixture.Provider.Requests.Count);
    }

    [Fact]
    public async Task A_key_is_free_again_soon_after_its_replica_is_gone_and_not_before()
    {
        await using var other = await fixture.StartAnotherAsync();
        using var elsewhere = other.As(AuthHost.DevelopmentKey);
        await elsewhere.GetAsync("/api/v1/conversations");
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Stream(TimeSpan.FromSeconds(0.3), [.. Enumerable.Repeat("slow ", 50)]).Reply("another answer");
        var asked = fixture.Provider.Requests.Count;
        var slow = SendAsync(fixture.Alice, "/api/v1/chat", key, "lease", stream: false);
        await fixture.Provider.WaitForRequestAsync(asked + 1);
        Assert.True(await fixture.QueryAsync<bool>($"SELECT busy_until < (now() AT TIME ZONE 'utc') + interval '16 s' FROM idempotent_answers WHERE key = '{key}'"));

        // Its replica lives, and says so in time.
        await ExpireAsync();
        await fixture.UntilAsync($"SELECT busy_until > now() AT TIME ZONE 'utc' FROM idempotent_answers WHERE key = '{key}'");
        using (var early = await SendAsync(fixture.Alice, "/api/v1/chat", key, "lease", stream: false))
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);

        // Nor does it take from itself what it holds, however late it is.
        await ExpireAsync();
        using (var held = await SendAsync(fixture.Alice, "/api/v1/chat", key, "lease", stream: false))
            Assert.Equal(HttpStatusCode.Conflict, held.StatusCode);

        // Another replica may be late, as it is here, where this one renews its lease in between.
        HttpResponseMessage free = null!;
        await Eventually.TrueAsync(async () =>
        {
            await ExpireAsync();
            free = await SendAsync(elsewhere, "/api/v1/chat", key, "lease", stream: false);
            return free.StatusCode != HttpStatusCode.Conflict;
        });
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
        Assert.False(free.Headers.Contains("Idempotency-Replayed"));
        using var late = await slow;
        // Whoever took the key over has answered it.
        using var repeated = await SendAsync(fixture.Alice, "/api/v1/chat", key, "lease", stream: false);
        Assert.Equal(await free.Content.ReadAsStringAsync(), await repeated.Content.ReadAsStringAsync());

        Task ExpireAsync() => fixture.QueryAsync<long?>($"UPDATE idempotent_answers SET busy_until = (now() AT TIME ZONE 'utc') - interval '1 ms' WHERE key = '{key}'");
    }

    [Fact]
    public async Task Of_ten_at_once_one_asks_the_model_and_the_others_wait_or_get_its_answer()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Stall(TimeSpan.FromMilliseconds(700), ["only "], ["once"]);
        var asked = fixture.Provider.Requests.Count;
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(fixture.Alice, "/api/v1/chat", key, "at once", stream: false)));

        Assert.Equal(asked + 1, fixture.Provider.Requests.Count);
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
    }

    [Fact]
    public async Task An_answer_that_failed_can_be_asked_for_again()
    {
        var key = Guid.NewGuid().ToString();
        fixture.Provider.Fail(HttpStatusCode.InternalServerError).CutAfter("half ").Reply("whole");
        using var failed = await SendAsync(fixture.Alice, "/api/v1/chat", key, "try", stream: false);
        Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        var cutKey = Guid.NewGuid().ToString();
        using var cut = await SendAsync(fixture.Alice, "/api/v1/chat", cutKey, "try", stream: true);
        Assert.Contains("streaming_error", await cut.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        foreach (var (again, stream) in new[] { (key, false), (cutKey, true) })
        {
            using var whole = await SendAsync(fixture.Alice, "/api/v1/chat", again, "try", stream);
            Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
            Assert.Contains("whole", await whole.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.False(whole.Headers.Contains("Idempotency-Replayed"));
        }
    }

    private Task RefuseAsync(string what) => NativeServers.ExecuteAsync(fixture.Database, $"""
        CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
        CREATE TRIGGER refuse BEFORE {what} ON chat_runs FOR EACH ROW EXECUTE FUNCTION refuse()
        """);

    private Task AllowAsync() => NativeServers.ExecuteAsync(fixture.Database, "DROP TRIGGER IF EXISTS refuse ON chat_runs");

    private static Task<HttpResponseMessage> SendAsync(ChatCaller caller, string path, string key, string message, bool stream) =>
        SendAsync(caller, path, key, new { message, stream });

    private static Task<HttpResponseMessage> SendAsync(ChatCaller caller, string path, string key, object body, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return caller.Client.SendAsync(request, cancellationToken);
    }
}

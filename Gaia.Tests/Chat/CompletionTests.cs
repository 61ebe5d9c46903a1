using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Chat.Providers.Local;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class CompletionTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task A_message_is_answered_in_openais_shape()
    {
        fixture.Provider.Reply("four little words here");
        var answer = await fixture.Alice.AskAsync(new { message = "Hello" });

        Assert.Equal(["id", "object", "created", "model", "choices", "usage", "_metadata"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal(ChatHost.OpenAIModel, answer.GetProperty("model").GetString());
        Assert.InRange(answer.GetProperty("created").GetInt64(), DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());

        var choice = Assert.Single(answer.GetProperty("choices").EnumerateArray());
        Assert.Equal("""{"index":0,"message":{"role":"assistant","content":"four little words here"},"finish_reason":"stop"}""", choice.GetRawText());

        // The scripted provider counts words: four of the system prompt, one of the message, four of the answer.
        Assert.Equal("""{"prompt_tokens":5,"completion_tokens":4,"total_tokens":9}""", answer.GetProperty("usage").GetRawText());

        var metadata = answer.GetProperty("_metadata");
        Assert.Equal("direct", metadata.GetProperty("route_type").GetString());
        Assert.Equal(0, metadata.GetProperty("routing_time_ms").GetInt32());
        Assert.InRange(metadata.GetProperty("total_time_ms").GetInt32(), metadata.GetProperty("llm_time_ms").GetInt32(), 10_000);
        Assert.Equal(answer.GetProperty("id").GetString(), metadata.GetProperty("request_id").GetString());
        Assert.StartsWith("chat-", answer.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.True(Guid.TryParse(metadata.GetProperty("conversation_id").GetString(), out _));
    }

    [Theory]
    [InlineData("/api/v1/chat")]
    [InlineData("/api/v0.3/chat")]
    [InlineData("/api/v0.2/chat")]
    public async Task A_whole_answer_tells_its_length(string path)
    {
        fixture.Provider.Reply("Grüße aus dem Nichts");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("""{"message": "hi"}""") };
        using var response = await fixture.Alice.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Null(response.Headers.TransferEncodingChunked);
        var told = response.Content.Headers.ContentLength;
        Assert.Equal((await response.Content.ReadAsByteArrayAsync()).Length, told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_short_format_is_asked_for_in_the_body_or_in_a_header(bool inBody)
    {
        fixture.Provider.Reply("short answer");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat")
        {
            Content = new StringContent(inBody ? """{"message": "hi", "response_format": "v0.3"}""" : """{"message": "hi"}"""),
        };
        if (!inBody)
            request.Headers.Add("X-Response-Format", "v0.3");
        using var response = await fixture.Alice.Client.SendAsync(request);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(["response", "message", "conversation_id", "_metadata"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal("short answer", answer.GetProperty("response").GetString());
        Assert.Equal("hi", answer.GetProperty("message").GetString());
        Assert.Equal(answer.GetProperty("conversation_id").GetString(), answer.GetProperty("_metadata").GetProperty("conversation_id").GetString());
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "first"}, {"role": "assistant", "content": "no"}, {"role": "user", "content": "last"}]}""", "last")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "text", "text": "in "}, {"type": "text", "text": "parts"}]}]}""", "in parts")]
    [InlineData("""{"message": "wins", "messages": [{"role": "user", "content": "loses"}]}""", "wins")]
    [InlineData("""{"message": "hi", "temperature": 0.3, "max_tokens": "many", "tools": {}, "response_format": {"type": "json_object"}}""", "hi")]
    [InlineData("""{"message": "hi", "conversation_id": "new"}""", "hi")]
    [InlineData("""{"message": "hi", "conversation_id": null, "stream": null, "model": null}""", "hi")]
    [InlineData("""{"messages": [{"role": "system", "content": "no user"}]}""", "")]
    [InlineData("""{"message": ""}""", "")]
    [InlineData("{}", "")]
    public async Task Every_form_of_a_request_is_understood(string body, string expected)
    {
        fixture.Provider.Reply("ok");
        using var response = await fixture.Alice.PostRawAsync("/api/v1/chat", body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([("system", ChatHost.SystemPrompt), ("user", expected)], fixture.Provider.Requests[^1].Messages);
    }

    [Theory]
    [InlineData("", "body", "Send a JSON object as the body")]
    [InlineData("{\"message\": ", "body", "not valid JSON")]
    [InlineData("not json", "body", "not valid JSON")]
    [InlineData("[1]", "body", "must be a JSON object")]
    [InlineData("\"text\"", "body", "must be a JSON object")]
    [InlineData("null", "body", "must be a JSON object")]
    [InlineData("""{"message": 5}""", "body.message", "message must be a string")]
    [InlineData("""{"message": {"text": "hi"}}""", "body.message", "message must be a string")]
    [InlineData("""{"message": "hi", "stream": "yes"}""", "body.stream", "stream must be true or false")]
    [InlineData("""{"message": "hi", "conversation_id": {}}""", "body.conversation_id", "conversation_id must be a string")]
    [InlineData("""{"message": "nul \u0000"}""", "body.message", "valid Unicode")]
    [InlineData("""{"message": "half \ud800"}""", "body.message", "valid Unicode")]
    [InlineData("""{"message": "hi", "\ud800": 1}""", "body", "valid Unicode")]
    [InlineData("""{"message": "whole \ud83d\ude00", "other": {"\udC00": 1}}""", "body.other", "valid Unicode")]
    [InlineData("""{"messages": [{"role": "\ud800", "content": "x"}]}""", "body.messages.role", "valid Unicode")]
    [InlineData("""{"messages": [{"role": "user", "conten\ud800": "x"}]}""", "body.messages", "valid Unicode")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "\uD800", "text": "x"}]}]}""", "body.messages.content.type", "valid Unicode")]
    [InlineData("""{"messages": "hi"}""", "body.messages", "must be a list")]
    [InlineData("""{"messages": ["hi"]}""", "body.messages", "must be an object")]
    [InlineData("""{"messages": [{"role": "user", "content": 5}]}""", "body.messages.content", "must be a string")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}""", "body.messages.content", "text only")]
    public async Task A_bad_body_is_refused_with_what_to_change_and_changes_nothing(string body, string place, string text)
    {
        var before = await fixture.QueryAsync<long>("SELECT count(*) FROM conversations");
        using var response = await fixture.Alice.PostRawAsync("/api/v1/chat", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var mistake = Assert.Single(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").EnumerateArray());
        Assert.Equal(place, string.Join('.', mistake.GetProperty("loc").EnumerateArray().Select(step => step.GetString())));
        Assert.Contains(text, mistake.GetProperty("msg").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await fixture.QueryAsync<long>("SELECT count(*) FROM conversations"));
    }

    [Fact]
    public async Task A_message_may_be_a_million_characters_and_no_more()
    {
        fixture.Provider.Reply("long");
        // Line breaks take few tokens.
        using var accepted = await fixture.Alice.PostAsync(new { message = "x" + new string('\n', 999_999) });
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        using var escaped = await fixture.Alice.PostRawAsync("/api/v1/chat", $$"""{"message":"x{{string.Concat(Enumerable.Repeat(@"\u000a", 999_999))}}"}""");
        Assert.Equal(HttpStatusCode.OK, escaped.StatusCode);

        using var refused = await fixture.Alice.PostAsync(new { message = new string('x', 1_000_001) });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("at most 1000000 characters", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_does_not_fit_the_models_window_is_refused_and_changes_nothing()
    {
        var before = await fixture.QueryAsync<long>("SELECT count(*) FROM chat_messages");
        foreach (var (path, body) in new (string, object)[]
        {
            ("/api/v1/chat", new { message = new string('x', 200_000), model = "gpt-4" }),
            ("/api/v1/chat/completions", new { messages = Enumerable.Range(0, 60).Select(i => new { role = "user", content = $"{i} " + new string('x', 2000) }), model = "gpt-4" }),
        })
        {
            using var response = await fixture.Alice.Client.PostAsJsonAsync(path, body);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            Assert.Contains("window of 8192 tokens", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(before, await fixture.QueryAsync<long>("SELECT count(*) FROM chat_messages"));
    }

    [Fact]
    public async Task A_dense_text_fits_the_window_with_what_comes_after_it()
    {
        fixture.Provider.Reply("noted");
        var conversation = await fixture.Alice.SayAsync(string.Concat(Enumerable.Repeat("{\"a\":1,\"b\":2},", 200)), model: "gpt-4");
        for (var i = 0; i < 3; i++)
            await fixture.Alice.SayAsync(string.Concat(Enumerable.Repeat("{\"a\":1,\"b\":2},", 200)), conversation, "gpt-4");

        var told = fixture.Provider.Requests[^1].Messages.Where(message => message.Role != "system").ToList();
        Assert.Equal("user", told[0].Role);
        Assert.InRange(told.Sum(message => (long)TokenCounter.Count(message.Text)), 1, 8192 - 4096);
    }

    [Fact]
    public async Task What_a_client_sends_as_the_whole_context_is_told_as_it_is()
    {
        fixture.Provider.Reply("ok");
        using var response = await fixture.Alice.Client.PostAsJsonAsync(
            "/api/v1/chat/completions",
            new { messages = new[] { new { role = "assistant", content = "Welcome!" }, new { role = "system", content = "Be brief." }, new { role = "user", content = "hi" } } });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([("assistant", "Welcome!"), ("system", "Be brief."), ("user", "hi")], fixture.Provider.Requests[^1].Messages);
    }

    [Fact]
    public async Task A_body_may_begin_with_the_mark_of_utf8()
    {
        fixture.Provider.Reply("ok");
        using var response = await fixture.Alice.PostRawAsync("/api/v1/chat", "\ufeff{\"message\": \"hi\"}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_body_of_seven_megabytes_is_too_large()
    {
        using var response = await fixture.Alice.PostRawAsync("/api/v1/chat", $$"""{"message": "{{new string('x', 7_000_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("""{"detail":"Request body is too large"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Who_asks_is_told_by_the_credential_and_never_by_the_body()
    {
        fixture.Provider.Reply("ok");
        var bobs = await fixture.QueryAsync<Guid>($"SELECT user_id FROM conversations WHERE id = '{await fixture.Bob.SayAsync("mine")}'");
        var answer = await fixture.Alice.AskAsync(new { message = "hi", _auth = new { user_id = bobs, sub = bobs } });

        var owner = await fixture.QueryAsync<Guid>($"SELECT user_id FROM conversations WHERE id = '{answer.GetProperty("_metadata").GetProperty("conversation_id").GetString()}'");
        Assert.NotEqual(bobs, owner);
    }

    [Theory]
    [InlineData("POST", "/api/v1/chat")]
    [InlineData("POST", "/api/v1/conversations")]
    [InlineData("GET", "/api/v1/conversations")]
    [InlineData("GET", "/api/v1/conversations/019a0000-0000-7000-8000-000000000000")]
    [InlineData("GET", "/api/v1/conversations/019a0000-0000-7000-8000-000000000000/messages")]
    [InlineData("DELETE", "/api/v1/conversations/019a0000-0000-7000-8000-000000000000")]
    public async Task Nobody_gets_in_without_a_credential(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await fixture.Anonymous.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_wished_model_answers_if_it_is_known_and_the_default_otherwise()
    {
        fixture.Provider.Reply("ok");
        var known = await fixture.Alice.AskAsync(new { message = "hi", model = ChatHost.AnthropicModel });
        Assert.Equal(ChatHost.AnthropicModel, known.GetProperty("model").GetString());
        Assert.Equal("/v1/messages", fixture.Provider.Requests[^1].Path);

        var unknown = await fixture.Alice.AskAsync(new { message = "hi", model = "gpt-99" });
        Assert.Equal(ChatHost.OpenAIModel, unknown.GetProperty("model").GetString());
        Assert.Equal(ChatHost.OpenAIModel, fixture.Provider.Requests[^1].Model);
    }

    [Fact]
    public async Task The_embedded_model_recalls_what_was_said()
    {
        var conversation = await fixture.Alice.SayAsync("My sister Maud keeps bees in Utrecht.", model: "gaia-local");
        var answer = await fixture.Alice.AskAsync(new { message = "Where does Maud keep bees?", conversation_id = conversation, model = "gaia-local" });
        Assert.Contains("Utrecht", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), StringComparison.Ordinal);
    }
}

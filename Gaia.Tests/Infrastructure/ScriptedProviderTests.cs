using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Gaia.Tests.Infrastructure;

public sealed class ScriptedProviderTests : IAsyncLifetime, IDisposable
{
    private const string OpenAi = "/v1/chat/completions";
    private const string Anthropic = "/v1/messages";

    private readonly HttpClient _client = new();
    private ScriptedProvider _provider = null!;

    public static TheoryData<string> Paths => new() { OpenAi, Anthropic };

    public async Task InitializeAsync()
    {
        _provider = await ScriptedProvider.StartAsync();
        _client.BaseAddress = _provider.Address;
    }

    public async Task DisposeAsync() => await _provider.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_reply_is_whole_in_openais_form()
    {
        _provider.Reply("four little words here");
        using var response = await PostAsync(OpenAi, stream: false);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("four little words here", body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(4, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_reply_is_whole_in_anthropics_form()
    {
        _provider.Reply(request => $"you said {request.Messages[^1].Text}");
        using var response = await PostAsync(Anthropic, stream: false);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal("you said hello", body.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("end_turn", body.GetProperty("stop_reason").GetString());
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Chunks_arrive_paced(string path)
    {
        _provider.Stream(TimeSpan.FromMilliseconds(150), "a ", "b ", "c");
        using var response = await PostAsync(path, stream: true);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var arrivals = new List<long>();
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.StartsWith("data:", StringComparison.Ordinal) && new[] { "\"a \"", "\"b \"", "\"c\"" }.Any(chunk => line.Contains(chunk, StringComparison.Ordinal)))
                arrivals.Add(Stopwatch.GetTimestamp());
        }

        Assert.Equal(3, arrivals.Count);
        Assert.InRange(Stopwatch.GetElapsedTime(arrivals[0], arrivals[2]).TotalMilliseconds, 200, 5000);
        Assert.Contains(lines, line => line is "data: [DONE]" or "event: message_stop");
        Assert.Equal(["a ", "b ", "c"], _provider.Requests[0].Sent.Select(sent => sent.Text));
    }

    [Fact]
    public async Task Usage_is_streamed_only_when_asked_for()
    {
        _provider.Reply("one two");
        using var without = await PostAsync(OpenAi, stream: true);
        Assert.DoesNotContain("completion_tokens", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var with = await PostAsync(OpenAi, stream: true, usage: true);
        Assert.Contains("\"completion_tokens\":2", await with.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_recorded_as_they_came()
    {
        using var response = await PostAsync(Anthropic, stream: false, apiKey: "key-1");
        var request = await _provider.WaitForRequestAsync();

        Assert.Equal("key-1", request.ApiKey);
        Assert.Equal("scripted-model", request.Model);
        Assert.Equal([("system", "Be kind."), ("user", "hello")], request.Messages);
        Assert.Equal("application/json", request.Headers["content-type"].Split(';')[0]);
        Assert.Same(request, Assert.Single(_provider.RequestsOf("key-1")));
        Assert.NotNull(request.CompletedAt);
        Assert.Null(request.DisconnectedAt);
    }

    [Fact]
    public async Task Steps_are_taken_in_order_and_the_last_one_stays()
    {
        _provider.Fail(HttpStatusCode.InternalServerError).Reply("later");

        using var first = await PostAsync(OpenAi, stream: false);
        Assert.Equal(HttpStatusCode.InternalServerError, first.StatusCode);
        for (var i = 0; i < 3; i++)
        {
            using var next = await PostAsync(OpenAi, stream: false);
            Assert.Contains("later", await next.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Each_key_has_its_own_script()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            _provider.For($"key-{i}").Reply($"answer {i}.");
            using var response = await PostAsync(i % 2 == 0 ? OpenAi : Anthropic, stream: false, apiKey: $"key-{i}");
            Assert.Contains($"answer {i}.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Errors_have_the_dialects_envelope(string path)
    {
        _provider.TooManyRequests(TimeSpan.FromSeconds(7)).Fail(HttpStatusCode.Unauthorized, "bad key");

        using var limited = await PostAsync(path, stream: true);
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), limited.Headers.RetryAfter?.Delta);
        using var refused = await PostAsync(path, stream: false);
        Assert.Equal("bad key", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_hangs_before_headers_and_notes_when_the_client_leaves(bool stream)
    {
        _provider.HangBeforeHeaders();
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PostAsync(OpenAi, stream, cancellationToken: patience.Token));
        var request = await _provider.WaitForRequestAsync();
        await request.Disconnected.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.NotNull(request.DisconnectedAt);
        Assert.Null(request.CompletedAt);
    }

    [Fact]
    public async Task It_hangs_after_headers()
    {
        _provider.HangAfterHeaders();
        using var response = await PostAsync(Anthropic, stream: true);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var body = await response.Content.ReadAsStreamAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await body.ReadExactlyAsync(new byte[1], patience.Token));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task It_sends_broken_json(string path)
    {
        _provider.Malformed();
        using var response = await PostAsync(path, stream: false);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(response.Content.ReadAsStringAsync().Result));
    }

    [Theory]
    [InlineData(OpenAi, true)]
    [InlineData(OpenAi, false)]
    [InlineData(Anthropic, true)]
    public async Task It_cuts_the_connection_within_a_frame(string path, bool stream)
    {
        _provider.CutAfter("so far ");
        using var response = await PostAsync(path, stream);
        using var body = await response.Content.ReadAsStreamAsync();
        var received = new MemoryStream();

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(received));
        if (stream)
            Assert.Contains("so far ", Encoding.UTF8.GetString(received.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_stalls_between_chunks()
    {
        _provider.Stall(TimeSpan.FromMilliseconds(300), ["first "], ["second"]).StallAfter("only");
        var watch = Stopwatch.StartNew();
        using var ending = await PostAsync(OpenAi, stream: true);
        Assert.Contains("second", await ending.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(watch.ElapsedMilliseconds >= 250);

        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        using var endless = await PostAsync(OpenAi, stream: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless.Content.ReadAsStringAsync(patience.Token));
    }

    [Fact]
    public async Task An_endless_stream_ends_when_the_client_leaves()
    {
        _provider.Endless(TimeSpan.FromMilliseconds(10));
        using (var response = await PostAsync(OpenAi, stream: true))
        {
            using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[2000]);
        }
        var request = _provider.Requests[0];
        await request.Disconnected.WaitAsync(TimeSpan.FromSeconds(5));
        var sent = request.Sent.Count;
        await Task.Delay(100);
        Assert.InRange(request.Sent.Count, sent, sent + 1);
    }

    [Fact]
    public async Task It_refuses_connections_and_listens_again_on_the_same_port()
    {
        var address = _provider.Address;
        await _provider.RefuseAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(OpenAi, stream: false));

        await _provider.ListenAsync();
        Assert.Equal(address, _provider.Address);
        using var response = await PostAsync(OpenAi, stream: false);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task It_lists_its_models()
    {
        _provider.Models = ["alpha", "beta"];
        var list = await _client.GetFromJsonAsync<JsonElement>("/v1/models");

        Assert.Equal(["alpha", "beta"], list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, bool stream, bool usage = false, string? apiKey = null, CancellationToken cancellationToken = default)
    {
        var anthropic = path == Anthropic;
        object body = anthropic
            ? new { model = "scripted-model", max_tokens = 100, stream, system = "Be kind.", messages = new[] { new { role = "user", content = new[] { new { type = "text", text = "hello" } } } } }
            : usage
                ? new { model = "scripted-model", stream, stream_options = new { include_usage = true }, messages = new[] { new { role = "user", content = "hello" } } }
                : new { model = "scripted-model", stream, messages = new[] { new { role = "user", content = "hello" } } };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (apiKey is not null)
            request.Headers.TryAddWithoutValidation(anthropic ? "x-api-key" : "Authorization", anthropic ? apiKey : "Bearer " + apiKey);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}

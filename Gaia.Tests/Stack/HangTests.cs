using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Stack;

/// <summary>Servers that hang. To be gone is the easy case: it is refused at once.</summary>
[Collection(StackGroup.Name)]
public class HangTests(GaiaStack stack)
{
    private const int Rounds = 10;
    private const string KeyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task While_Redis_hangs_health_says_so_services_stay_ready_and_chat_works()
    {
        await HungServer.WhileAsync(stack.App, "redis", "redis-server", async () =>
        {
            var started = Stopwatch.GetTimestamp();
            var ready = Task.WhenAll(GaiaStack.Services.Select(ReadyAsync));
            JsonElement health;
            do
            {
                using var answer = await WithinLimitAsync("health", stack.Anonymous.GetAsync("/health"));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                health = await answer.Content.ReadFromJsonAsync<JsonElement>();
                Assert.True(Stopwatch.GetElapsedTime(started) < Limit, $"health does not notice: {health}");
            }
            while (health.GetProperty("redis").GetProperty("status").GetString() != "unhealthy");

            Assert.Equal("healthy", health.GetProperty("database").GetProperty("status").GetString());
            await ready;
            // Again, now that every check has met the hang.
            await Task.WhenAll(GaiaStack.Services.Select(ReadyAsync));
            await ChatWorksAsync();
        });

        await UntilHealthyAsync();
    }

    [Fact]
    public async Task While_NATS_hangs_chat_works()
    {
        await HungServer.WhileAsync(stack.App, "nats", "nats-server", ChatWorksAsync);

        await UntilHealthyAsync();
    }

    [Fact]
    public async Task While_PostgreSQL_hangs_every_answer_is_503_within_five_seconds_and_none_needs_a_restart()
    {
        var before = await stack.ChatAsync("Remember the word melisma.");
        var processes = GaiaStack.Services.Select(ProcessId).ToList();

        await HungServer.WhileAsync(stack.App, "postgres", "postgres", async () =>
        {
            for (var round = 1; round <= Rounds; round++)
            {
                await Task.WhenAll(
                    UnavailableAsync($"chat {round}", ChatAsync(stream: false)),
                    UnavailableAsync($"stream {round}", ChatAsync(stream: true)),
                    UnavailableAsync($"a new key {round}", NewKeyAsync()));
            }
        });

        await UntilOkAsync();
        var after = await stack.ChatAsync("Which word should you remember?", before.ConversationId);
        Assert.Contains("melisma", after.Content, StringComparison.Ordinal);
        using (var streamed = await ChatAsync(stream: true))
            Assert.Contains("[DONE]", await streamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        // For a moment after an outage the gateway does not ask Auth again.
        await Eventually.TrueAsync(async () =>
        {
            using var refused = await NewKeyAsync();
            Assert.True(refused.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable, $"{refused.StatusCode}");
            return refused.StatusCode == HttpStatusCode.Unauthorized;
        });
        Assert.Equal(processes, GaiaStack.Services.Select(ProcessId));
        await UntilHealthyAsync();
    }

    private int ProcessId(string service) => ServiceProcess.Find(stack.App, service).Id;

    private async Task ChatWorksAsync()
    {
        var first = await stack.ChatAsync("My favourite river is the Neretva.").WaitAsync(Limit);
        var second = await stack.ChatAsync("What is my favourite river?", first.ConversationId).WaitAsync(Limit);
        Assert.Contains("Neretva", second.Content, StringComparison.Ordinal);
        using var streamed = await ChatAsync(stream: true).WaitAsync(Limit);
        Assert.Contains("[DONE]", await streamed.Content.ReadAsStringAsync().WaitAsync(Limit), StringComparison.Ordinal);
    }

    private async Task ReadyAsync(string service)
    {
        using var client = stack.CreateClient(service);
        using var answer = await WithinLimitAsync($"/ready of {service}", client.GetAsync("/ready"));
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{service} is not ready: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<HttpResponseMessage> ChatAsync(bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/chat") { Content = JsonContent.Create(new { message = "Hello", stream }) };
        return await stack.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Of an accepted form, so that only PostgreSQL knows that nobody has it.</summary>
    private async Task<HttpResponseMessage> NewKeyAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations");
        request.Headers.Add("X-API-Key", RandomNumberGenerator.GetString(KeyCharacters, 43));
        return await stack.Anonymous.SendAsync(request);
    }

    private static async Task UnavailableAsync(string what, Task<HttpResponseMessage> answering)
    {
        using var answer = await WithinLimitAsync(what, answering);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{what}: {(int)answer.StatusCode} {body}");
        Assert.NotEmpty(JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString()!);
    }

    private static async Task<HttpResponseMessage> WithinLimitAsync(string what, Task<HttpResponseMessage> answering)
    {
        var started = Stopwatch.GetTimestamp();
        // Waited for longer, because how late an answer is tells where it was held up.
        var answer = await answering.WaitAsync(4 * Limit);
        var took = Stopwatch.GetElapsedTime(started);
        Assert.True(took < Limit, $"{what}: {(int)answer.StatusCode} after {took.TotalSeconds:F1} s");
        return answer;
    }

    private Task UntilOkAsync() => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await ChatAsync(stream: false);
            return answer.StatusCode == HttpStatusCode.OK;
        },
        seconds: 30);

    /// <summary>For the tests that come after.</summary>
    private Task UntilHealthyAsync() => Eventually.TrueAsync(
        async () => (await stack.Anonymous.GetFromJsonAsync<JsonElement>("/health")).GetProperty("status").GetString() == "healthy", seconds: 30);
}

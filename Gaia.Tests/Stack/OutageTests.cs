using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Stack;

[Collection(StackGroup.Name)]
public class OutageTests(GaiaStack stack)
{
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Chat_killed_answers_503_comes_back_by_itself_and_keeps_every_acknowledged_message()
    {
        var before = await stack.ChatAsync("The password of the day is heliotrope.");
        var killed = ServiceProcess.Find(stack.App, "chat");
        killed.Kill();
        await killed.WaitForExitAsync();

        var outages = await UntilOkAsync("Anyone there?");

        Assert.Contains((HttpStatusCode.ServiceUnavailable, """{"detail":"Service chat unavailable"}"""), outages);
        Assert.NotEqual(killed.Id, ServiceProcess.Find(stack.App, "chat").Id);
        var after = await stack.ChatAsync("What is the password of the day?", before.ConversationId);
        Assert.Contains("heliotrope", after.Content, StringComparison.Ordinal);
        var messages = await stack.Client.GetFromJsonAsync<JsonElement>($"/api/v1/conversations/{before.ConversationId}/messages");
        Assert.Equal(4, messages.GetProperty("messages").GetArrayLength());
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("nats")]
    public Task Chat_works_without(string server) => stack.WithoutAsync(server, async () =>
    {
        var first = await stack.ChatAsync("My favourite tree is the rowan.");
        var second = await stack.ChatAsync("What is my favourite tree?", first.ConversationId);
        Assert.Contains("rowan", second.Content, StringComparison.Ordinal);
    });

    [Fact]
    public async Task PostgreSQL_stopped_is_503_within_five_seconds_and_needs_no_restart_afterwards()
    {
        var before = await stack.ChatAsync("Remember the word calliope.");
        await stack.WithoutAsync("postgres", async () =>
        {
            for (var attempt = 0; attempt < 5; attempt++)
            {
                var started = Stopwatch.GetTimestamp();
                using var response = await stack.Client.PostAsJsonAsync("/api/v1/chat", new { message = "Hello", conversation_id = before.ConversationId });
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), "the answer took too long");
            }

            // A credential that nobody has seen yet cannot be checked: that is an outage, not a refusal.
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations");
            request.Headers.Add("X-API-Key", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB");
            using var unknown = await stack.Anonymous.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);

            var health = await stack.Anonymous.GetFromJsonAsync<JsonElement>("/health");
            Assert.Equal("unhealthy", health.GetProperty("status").GetString());
        });

        await UntilOkAsync("Are you back?");
        var after = await stack.ChatAsync("Which word should you remember?", before.ConversationId);
        Assert.Contains("calliope", after.Content, StringComparison.Ordinal);
    }

    [Fact]
    public Task The_gateways_health_shows_a_stopped_service_within_two_seconds() => stack.WithoutAsync("kb", async () =>
    {
        await Task.Delay(TimeSpan.FromSeconds(2));
        using var response = await stack.Anonymous.GetAsync("/health");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var health = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("degraded", health.GetProperty("status").GetString());
        Assert.Equal("unhealthy", health.GetProperty("services").GetProperty("kb").GetProperty("status").GetString());
        Assert.Equal("healthy", health.GetProperty("services").GetProperty("chat").GetProperty("status").GetString());
    });

    /// <summary>Asks one time after the other until the answer is 200, and returns the answers before: none but 503 may come between.</summary>
    private async Task<List<(HttpStatusCode Status, string Body)>> UntilOkAsync(string message)
    {
        var started = Stopwatch.GetTimestamp();
        var outages = new List<(HttpStatusCode, string)>();
        while (true)
        {
            using var response = await stack.Client.PostAsJsonAsync("/api/v1/chat", new { message });
            if (response.StatusCode == HttpStatusCode.OK)
                return outages;
            outages.Add((response.StatusCode, await response.Content.ReadAsStringAsync()));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.True(Stopwatch.GetElapsedTime(started) < RecoveryLimit, $"the stack did not recover: {outages[^1]}");
            await Task.Delay(20);
        }
    }
}

using System.Diagnostics;

namespace Gaia.Tests.Stack;

[Collection(StackGroup.Name)]
public class TelemetryTests(GaiaStack stack)
{
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_chat_is_one_trace_from_the_gateway_through_chat_to_PostgreSQL()
    {
        // The HTTP client sends the current activity along as the parent.
        using var activity = new Activity("a client's request") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        var requestTrace = activity.TraceId.ToHexString();
        await stack.ChatAsync("Trace me");

        await EventuallyAsync(
            () =>
            {
                var spans = stack.Telemetry.Spans.Where(span => span.TraceId == requestTrace).ToList();
                return spans.Any(span => span.Service == "gateway")
                    && spans.Any(span => span.Service == "chat" && span.Scope == "Npgsql")
                    && spans.Any(span => span.Service == "chat" && span.Name.StartsWith("chat ", StringComparison.Ordinal));
            },
            () => $"spans of trace {requestTrace}: {string.Join(", ", stack.Telemetry.Spans.Where(span => span.TraceId == requestTrace))}; others: {string.Join(", ", stack.Telemetry.Spans.TakeLast(12))}");
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("metrics")]
    public Task Every_service_sends(string signal) => EventuallyAsync(
        () => stack.Telemetry.ServicesSending(signal).IsSupersetOf(["gateway", "auth", "chat", "asset", "kb", "web"]),
        () => $"{signal} came from: {string.Join(", ", stack.Telemetry.ServicesSending(signal))}");

    [Fact]
    public async Task No_prompt_answer_or_credential_is_in_any_trace_metric_or_log()
    {
        const string canary = "canary-7f3e91";
        stack.Provider.Reply($"You said {canary}-answer");
        await stack.ChatAsync($"My secret is {canary}-prompt", model: GaiaStack.ScriptedModel);
        using var refused = new HttpRequestMessage(HttpMethod.Get, "/api/v1/conversations");
        refused.Headers.Add("X-API-Key", $"{canary}-key-that-is-43-characters-long-000000");
        (await stack.Anonymous.SendAsync(refused)).Dispose();

        // Whatever those requests logged has been exported once a later trace has arrived.
        await A_chat_is_one_trace_from_the_gateway_through_chat_to_PostgreSQL();
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.False(stack.Telemetry.Contains(canary), "the canary is in the telemetry");
        Assert.False(stack.Telemetry.Contains(GaiaStack.DevelopmentKey), "the development key is in the telemetry");
        Assert.False(stack.Telemetry.Contains("sk-scripted"), "the provider's key is in the telemetry");
    }

    private static async Task EventuallyAsync(Func<bool> condition, Func<string> describe)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < ExportLimit, describe());
            await Task.Delay(250);
        }
    }
}

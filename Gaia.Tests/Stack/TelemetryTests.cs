using System.Diagnostics;
using System.Net;
using System.Text;
using Gaia.ServiceDefaults.Identity;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Stack;

[Collection(StackGroup.Name)]
public class TelemetryTests(GaiaStack stack)
{
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_chat_is_one_trace_from_the_gateway_through_chat_to_PostgreSQL()
    {
        var request = Guid.NewGuid().ToString("N");
        Assert.Equal(HttpStatusCode.OK, await SendAsync(stack.Client, HttpMethod.Post, "/api/v1/chat", """{"message": "Trace me"}""", ("X-Request-ID", request)));

        await EventuallyAsync(
            () =>
            {
                var spans = stack.Telemetry.TraceOf(request);
                return spans.Any(span => span.Service == "chat" && span.Scope == "Npgsql")
                    && spans.Any(span => span.Service == "chat" && span.Name.StartsWith("chat ", StringComparison.Ordinal));
            },
            () => $"spans of request {request}: {string.Join(", ", stack.Telemetry.TraceOf(request))}; others: {string.Join(", ", stack.Telemetry.Spans.TakeLast(12))}");
    }

    [Theory]
    [InlineData("logs")]
    [InlineData("metrics")]
    public Task Every_service_sends(string signal) => EventuallyAsync(
        () => stack.Telemetry.ServicesSending(signal).IsSupersetOf(GaiaStack.Services),
        () => $"{signal} came from: {string.Join(", ", stack.Telemetry.ServicesSending(signal))}");

    [Fact]
    public async Task No_prompt_answer_or_credential_is_in_any_trace_metric_or_log()
    {
        const string canary = "canary-7f3e91";
        stack.Provider.Reply($"You said {canary}-answer");
        await stack.ChatAsync($"My secret is {canary}-prompt", model: GaiaStack.ScriptedModel);

        // Of an accepted form, so that Auth and PostgreSQL see it, too.
        var key = $"{canary}-key".PadRight(43, '0');
        Assert.True(ApiKeyFormat.IsAccepted(key));
        var refused = Guid.NewGuid().ToString("N");
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(stack.Anonymous, HttpMethod.Get, "/api/v1/conversations", ("X-API-Key", key), ("X-Request-ID", refused)));

        await SendAsync(stack.Client, HttpMethod.Get, $"/api/v1/conversations?token={canary}-query", ("X-Session", $"{canary}-header"), ("Cookie", $"session={canary}-cookie"), ("Authorization", $"Basic {canary}-basic"));
        await SendAsync(stack.Client, HttpMethod.Post, $"/api/v1/chat?key={canary}-query", $$"""{"message": "{{canary}}-body" "{{canary}}-unclosed""");
        await SendAsync(stack.Client, HttpMethod.Post, "/api/v1/chat", $$"""{"message": {"{{canary}}-member": "{{canary}}-value"}, "stream": "{{canary}}-flag"}""");

        await EventuallyAsync(
            () => stack.Telemetry.TraceOf(refused).Any(span => span.Service == "auth"),
            () => $"the key did not reach Auth: {string.Join(", ", stack.Telemetry.TraceOf(refused))}");
        // Whatever those requests logged has been exported once a later trace has arrived.
        await A_chat_is_one_trace_from_the_gateway_through_chat_to_PostgreSQL();
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.True(stack.Telemetry.Contains("/api/v1/conversations"), "the telemetry cannot be read");
        Assert.False(stack.Telemetry.Contains(canary), "the canary is in the telemetry");
        Assert.False(stack.Telemetry.Contains(GaiaStack.DevelopmentKey), "the development key is in the telemetry");
        Assert.False(stack.Telemetry.Contains("sk-scripted"), "the provider's key is in the telemetry");
    }

    /// <summary>In Development, Aspire switches off what keeps the values of a query string out of traces.</summary>
    [Fact]
    public void No_service_is_told_to_trace_query_strings()
    {
        string[] switches = ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"];
        var told = from service in GaiaStack.Services
                   let process = ServiceProcess.Find(stack.App, service)
                   from name in switches
                   where "true".Equals(ServiceProcess.Variable(process, name), StringComparison.OrdinalIgnoreCase)
                   select $"{service}: {name}";

        Assert.Empty(told);
    }

    private static Task<HttpStatusCode> SendAsync(HttpClient client, HttpMethod method, string path, params (string Name, string Value)[] headers) =>
        SendAsync(client, method, path, body: null, headers);

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
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

using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Gaia.ServiceDefaults.Telemetry;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Chat;

[Collection(SharedServers.Name)]
public sealed class ProviderTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    public static TheoryData<string, string, int> Faults()
    {
        var faults = new TheoryData<string, string, int>();
        foreach (var model in new[] { ChatHost.OpenAIModel, ChatHost.AnthropicModel })
        {
            faults.Add(model, "429", 503);
            faults.Add(model, "503", 503);
            faults.Add(model, "500", 502);
            faults.Add(model, "401", 502);
            faults.Add(model, "400", 502);
            faults.Add(model, "malformed", 502);
            faults.Add(model, "cut", 502);
            faults.Add(model, "hang", 503);
            faults.Add(model, "hang after headers", 503);
            faults.Add(model, "stall", 503);
            faults.Add(model, "refuse", 503);
        }

        return faults;
    }

    [Theory]
    [InlineData(ChatHost.OpenAIModel, ChatHost.OpenAIKey)]
    [InlineData(ChatHost.AnthropicModel, ChatHost.AnthropicKey)]
    public async Task A_provider_is_told_exactly_what_was_said(string model, string key)
    {
        fixture.Provider.Reply("It is noted.").Reply("Quince.").Reply("Done.");
        var conversation = await fixture.Alice.SayAsync("My code word is quince.", model: model);
        await fixture.Alice.SayAsync("What is it?", conversation, model);
        await fixture.Alice.SayAsync("Thanks, é 😀 \"quoted\"", conversation, model);

        var request = fixture.Provider.Requests[^1];
        Assert.Equal(key, request.ApiKey);
        Assert.Equal(model, request.Model);
        Assert.True(request.IsStreaming);
        Assert.Equal(
            [
                ("system", ChatHost.SystemPrompt),
                ("user", "My code word is quince."),
                ("assistant", "It is noted."),
                ("user", "What is it?"),
                ("assistant", "Quince."),
                ("user", "Thanks, é 😀 \"quoted\""),
            ],
            request.Messages);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_failing_provider_is_reported_in_the_contracts_shape(string model, string fault, int status)
    {
        await ScriptAsync(fault);
        var requests = fixture.Provider.Requests.Count;
        var started = Stopwatch.GetTimestamp();
        using var response = await fixture.Alice.PostAsync(new { message = $"{fault} of {model}", model });
        var body = await response.Content.ReadAsStringAsync();
        await fixture.Provider.ListenAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 4);
        AssertSays(JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString(), model);
        if (status == 503)
            Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        if (fault == "429" && model == ChatHost.OpenAIModel)
            Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter?.Delta);
        Assert.InRange(fixture.Provider.Requests.Count - requests, 0, 1);

        // The question is kept, and as much of an answer as there was.
        var kept = await fixture.QueryAsync<string>(
            $"SELECT string_agg(content, '|' ORDER BY created_at) FROM chat_messages WHERE conversation_id = (SELECT conversation_id FROM chat_messages WHERE content = '{fault} of {model}')");
        Assert.Equal(fault is "cut" or "stall" ? $"{fault} of {model}|so far " : $"{fault} of {model}", kept);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_failing_provider_is_reported_within_the_stream(string model, string fault, int status)
    {
        _ = status;
        await ScriptAsync(fault);
        using var response = await fixture.Alice.OpenStreamAsync($"{fault} of {model}, streamed", model: model);
        var events = await ServerSentEvents.ReadAsync(response);
        await fixture.Provider.ListenAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("metadata", events[0].Json.GetProperty("type").GetString());
        Assert.Equal("[DONE]", events[^1].Data);
        var failure = events[^2].Json;
        Assert.Equal("error", failure.GetProperty("model").GetString());
        Assert.Equal("error", failure.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal("streaming_error", failure.GetProperty("error").GetProperty("type").GetString());
        AssertSays(failure.GetProperty("error").GetProperty("message").GetString(), model);
        Assert.DoesNotContain(events, item => item.Data.Contains("\"done\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_conversation_goes_on()
    {
        fixture.Provider.Reply("first").Fail(HttpStatusCode.InternalServerError).Reply("third");
        var conversation = await fixture.Alice.SayAsync("one");
        using (var failed = await fixture.Alice.PostAsync(new { message = "two", conversation_id = conversation }))
            Assert.Equal(HttpStatusCode.BadGateway, failed.StatusCode);
        await fixture.Alice.SayAsync("three", conversation);

        Assert.Equal(["user one", "assistant first", "user two", "user three", "assistant third"], (await fixture.Alice.MessagesAsync(conversation)).Select(message => $"{message.Role} {message.Content}"));
    }

    [Fact]
    public async Task What_does_not_fit_a_models_window_is_left_out_from_the_oldest_on()
    {
        fixture.Provider.Reply("ok");
        var conversation = await fixture.Alice.SayAsync("the beginning", model: "gpt-4");
        foreach (var letter in "abcdef")
            await fixture.Alice.SayAsync(new string(letter, 3000), conversation, "gpt-4");

        // 4096 tokens of three bytes each are left for the prompt: four messages of 3000 bytes, the newest first.
        var messages = fixture.Provider.Requests[^1].Messages;
        Assert.Equal(["Y", "c", "o", "d", "o", "e", "o", "f"], messages.Select(message => message.Text[..1]));
        Assert.Equal("user", messages[1].Role);
    }

    [Fact]
    public async Task A_call_shows_up_in_telemetry_without_its_text()
    {
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GaiaTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (activities)
                    activities.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        var measured = new List<string>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, self) => { if (instrument.Name.StartsWith("gen_ai", StringComparison.Ordinal)) self.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument.Name, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note($"{instrument.Name} {value}", tags));
        meters.Start();

        fixture.Provider.Reply("the canary answers");
        await fixture.Alice.SayAsync("the canary asks");

        var span = Assert.Single(activities, activity => activity.DisplayName == $"chat {ChatHost.OpenAIModel}");
        Assert.Equal(ActivityKind.Client, span.Kind);
        var tags = span.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value is string[] list ? string.Join(',', list) : Convert.ToString(tag.Value, CultureInfo.InvariantCulture));
        Assert.Equal("chat", tags["gen_ai.operation.name"]);
        Assert.Equal("openai", tags["gen_ai.provider.name"]);
        Assert.Equal(ChatHost.OpenAIModel, tags["gen_ai.request.model"]);
        Assert.Equal("stop", tags["gen_ai.response.finish_reasons"]);
        Assert.Equal("7", tags["gen_ai.usage.input_tokens"]);
        Assert.Equal("3", tags["gen_ai.usage.output_tokens"]);
        Assert.Equal("127.0.0.1", tags["server.address"]);
        Assert.DoesNotContain(tags.Values, value => value!.Contains("canary", StringComparison.Ordinal));

        Assert.Contains(measured, name => name.StartsWith("gen_ai.client.token.usage 7", StringComparison.Ordinal) && name.Contains("gen_ai.token.type=input", StringComparison.Ordinal));
        Assert.Contains(measured, name => name.StartsWith("gen_ai.client.token.usage 3", StringComparison.Ordinal) && name.Contains("gen_ai.token.type=output", StringComparison.Ordinal));
        Assert.Contains(measured, name => name.StartsWith("gen_ai.client.operation.duration", StringComparison.Ordinal));
        Assert.Contains(measured, name => name.StartsWith("gen_ai.client.operation.time_to_first_chunk", StringComparison.Ordinal));

        void Note(string name, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (measured)
                measured.Add($"{name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
        }
    }

    private async Task ScriptAsync(string fault)
    {
        switch (fault)
        {
            case "429":
                fixture.Provider.TooManyRequests(TimeSpan.FromSeconds(7));
                break;
            case "malformed":
                fixture.Provider.Malformed();
                break;
            case "cut":
                fixture.Provider.CutAfter("so far ");
                break;
            case "hang":
                fixture.Provider.HangBeforeHeaders();
                break;
            case "hang after headers":
                fixture.Provider.HangAfterHeaders();
                break;
            case "stall":
                fixture.Provider.StallAfter("so far ");
                break;
            case "refuse":
                await fixture.Provider.RefuseAsync();
                break;
            default:
                fixture.Provider.Fail((HttpStatusCode)int.Parse(fault, CultureInfo.InvariantCulture), "scripted failure");
                break;
        }
    }

    /// <summary>Names the provider and nothing that is not the client's business.</summary>
    private static void AssertSays(string? message, string model)
    {
        Assert.StartsWith($"The model provider {(model == ChatHost.OpenAIModel ? "openai" : "anthropic")} ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("scripted", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", message, StringComparison.Ordinal);
    }
}

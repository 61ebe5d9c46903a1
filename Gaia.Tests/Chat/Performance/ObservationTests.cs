using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Gaia.Tests.Chat.Performance;

/// <summary>What Chat sends to a collector.</summary>
[Collection(SharedServers.Name)]
public sealed class ObservationTests(ChatFixture fixture) : IClassFixture<ChatFixture>
{
    [Fact]
    public async Task The_metrics_of_generative_AI_are_exported()
    {
        await using var sink = await TelemetrySink.StartAsync();
        await using (var chat = await StartObservedAsync(sink.Url))
        {
            using var bob = chat.As(AuthHost.DevelopmentKey);
            fixture.Provider.Reply("Measured.");
            await bob.SayAsync("measure");
        }

        // What was measured is sent at the latest when the service stops.
        foreach (var name in new[]
        {
            "gen_ai.client.operation.duration", "gen_ai.client.operation.time_to_first_chunk", "gen_ai.client.token.usage",
            "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.token.type",
        })
            await Eventually.TrueAsync(() => Task.FromResult(sink.Find(name).Any(place => place.StartsWith("metrics: ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task The_span_of_a_group_of_statements_is_of_a_bounded_size()
    {
        await using var sink = await TelemetrySink.StartAsync();
        await using (var chat = await StartObservedAsync(sink.Url))
        {
            using var bob = chat.As(AuthHost.DevelopmentKey);
            fixture.Provider.Reply("Together.");
            await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => bob.SayAsync("at once")));
        }

        await Eventually.TrueAsync(() => Task.FromResult(sink.Spans.Any(span => span.Statement.Length > 0)));
        Assert.Equal(4096, sink.Spans.Max(span => span.Statement.Length));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:4318")]
    public async Task Only_with_a_collector_is_anything_observed(string? collector)
    {
        await using var chat = await StartObservedAsync(collector);

        Assert.Equal(collector is not null, chat.Services.GetService<TracerProvider>() is not null);
        Assert.Equal(collector is not null, chat.Services.GetService<MeterProvider>() is not null);
    }

    private Task<ChatHost> StartObservedAsync(string? collector) =>
        fixture.StartAnotherAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", collector), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
}

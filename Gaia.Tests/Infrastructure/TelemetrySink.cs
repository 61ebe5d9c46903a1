using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gaia.Tests.Infrastructure;

/// <summary>An OTLP collector (HTTP, protobuf) that remembers what services send.</summary>
internal sealed class TelemetrySink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentBag<(string Signal, byte[] Body)> _received = [];

    private TelemetrySink(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public IReadOnlyList<ReceivedSpan> Spans => [.. _received.Where(item => item.Signal == "traces").SelectMany(item => OtlpTraces.Read(item.Body))];

    public static async Task<TelemetrySink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var sink = new TelemetrySink(app);
        app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            sink._received.Add((signal, body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        await app.StartAsync();
        return sink;
    }

    /// <summary>The services (<c>service.name</c>) of which something of this kind (traces, metrics, logs) has arrived.</summary>
    public IReadOnlySet<string> ServicesSending(string signal) =>
        _received.Where(item => item.Signal == signal).SelectMany(item => OtlpTraces.ServiceNames(item.Body)).ToHashSet();

    /// <summary>The spans of the trace that the gateway began for the request with this <c>X-Request-ID</c>.</summary>
    public IReadOnlyList<ReceivedSpan> TraceOf(string requestId)
    {
        var spans = Spans;
        return spans.FirstOrDefault(span => span.Service == "gateway" && span.RequestId == requestId) is { } first ? [.. spans.Where(span => span.TraceId == first.TraceId)] : [];
    }

    public bool Contains(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return _received.Any(item => item.Body.AsSpan().IndexOf(bytes) >= 0);
    }

    /// <summary>Where this text is, with what stands around it; one place for each signal and surroundings.</summary>
    public IReadOnlyList<string> Find(string text)
    {
        var places = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (signal, body) in _received)
        {
            // One character a byte, so that protobuf's own bytes stay where they are.
            var all = Encoding.Latin1.GetString(body);
            for (var at = all.IndexOf(text, StringComparison.OrdinalIgnoreCase); at >= 0; at = all.IndexOf(text, at + 1, StringComparison.OrdinalIgnoreCase))
                places.Add($"{signal}: {string.Concat(all[Math.Max(0, at - 60)..Math.Min(all.Length, at + 60)].Select(character => char.IsAscii(character) && !char.IsControl(character) ? character : ' '))}");
        }

        return [.. places];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <param name="RequestId">The <c>X-Request-ID</c> of a request that came in; empty for any other span.</param>
internal sealed record ReceivedSpan(string Service, string Scope, string TraceId, string SpanId, string ParentSpanId, string Name, string RequestId, string Statement);

using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Gaia.Tests.Infrastructure;

/// <param name="Data">The text after <c>data: </c>.</param>
/// <param name="ArrivedAt">When it was read, since the stream was opened.</param>
internal sealed record ReceivedEvent(string Data, TimeSpan ArrivedAt)
{
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;

    /// <summary>The text that an OpenAI chunk carries; null for any other event.</summary>
    public string? Content =>
        Data != "[DONE]" && Json.TryGetProperty("choices", out var choices)
        && choices[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : null;
}

internal static class ServerSentEvents
{
    public static async Task<List<ReceivedEvent>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        var events = new List<ReceivedEvent>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(cancellationToken)).EnumerateAsync(cancellationToken))
            events.Add(new ReceivedEvent(item.Data, Stopwatch.GetElapsedTime(started)));
        return events;
    }
}

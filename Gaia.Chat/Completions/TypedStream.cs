using System.Globalization;
using System.Text;
using Gaia.Chat.Providers;
using Gaia.Chat.Streaming;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Completions;

/// <summary>The stream of <c>POST /api/v0.2/chat/stream</c> (contract 3.4): an event of its own for everything that happens.</summary>
internal sealed class TypedStream(ChatTurn turn, TimeProvider time) : IStreamFormat
{
    private byte[]? _end;
    private int _length;

    public void Begin(SseWriter events)
    {
        events.Event($"{{\"type\": \"start\", \"timestamp\": \"{Now()}\"}}");
        events.Event(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"type\": \"ready\", \"timestamp\": \"{Now()}\", \"parallel_fetch_ms\": {turn.PreparationTime.TotalMilliseconds:0.0##}, \"cache_hits\": {{\"persona\": {(turn.Persona.FromCache ? "true" : "false")}, \"tools\": {(turn.Persona.ToolsFromCache ? "true" : "false")}}}}}"));
        events.Event(
            $"{{\"type\": \"model_selection\", \"model\": {SseWriter.Quote(turn.Choice.Model.Id)}, \"provider\": {Provider(turn.Choice.Model.Provider)}, \"reasoning\": {SseWriter.Quote(turn.Choice.StreamReasoning)}}}");
    }

    public void Chunk(SseWriter events, ReadOnlySpan<char> text)
    {
        if (_end is null)
        {
            if (turn.Asking.FallbackUsed)
                events.Event($"{{\"type\": \"fallback_attempt\", \"message\": {SseWriter.Quote($"{turn.Choice.Model.Id} did not answer, {turn.Model.Id} does")}}}");
            _end = Encoding.ASCII.GetBytes($", \"provider\": {Provider(turn.Model.Provider)}, \"model\": {SseWriter.Quote(turn.Model.Id)}}}\n\n");
        }

        _length += text.Length;
        events.Raw("data: {\"type\": \"content\", \"content\": "u8);
        events.Text(text);
        events.Raw(_end);
    }

    public void End(SseWriter events, StreamEnd end)
    {
        events.Event(
            $"{{\"type\": \"metadata\", \"response_time_ms\": {ChatTurn.Milliseconds(turn.TotalTime)}, \"fallback_used\": {(turn.Asking.FallbackUsed ? "true" : "false")}, \"total_tokens\": {turn.Answer?.PromptTokens + turn.Answer?.CompletionTokens ?? 0}}}");
        Complete(events);
    }

    public void Fail(SseWriter events, string message)
    {
        events.Event($"{{\"type\": \"error\", \"error\": {SseWriter.Quote(message)}, \"provider\": {Provider(turn.Model.Provider)}, \"fallback_available\": false}}");
        Complete(events);
    }

    private void Complete(SseWriter events)
    {
        events.Event($"{{\"type\": \"complete\", \"timestamp\": \"{Now()}\", \"response_length\": {_length}}}");
        events.Event("[DONE]");
    }

    private static string Provider(string name) => SseWriter.Quote(ProviderNames.ToLegacy(name));

    private string Now() => time.GetNaiveUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}

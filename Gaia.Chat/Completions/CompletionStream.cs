using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gaia.Chat.Turns;

namespace Gaia.Chat.Completions;

/// <summary>
/// Writes the event stream of <c>POST /api/v1/chat</c>: each event is one line <c>data: …</c> with JSON spaced as the legacy
/// service did, and is sent at once. What does not change within a stream is encoded once.
/// </summary>
internal sealed class CompletionStream : IDisposable
{
    private readonly PipeWriter _output;
    private readonly StreamHead _head;
    private readonly byte[] _contentStart;
    private readonly Utf8JsonWriter _json;

    public CompletionStream(PipeWriter output, StreamHead head)
    {
        _output = output;
        _head = head;
        _contentStart = Encoding.UTF8.GetBytes($"data: {Head(head.Model)}, \"choices\": [{{\"index\": 0, \"delta\": {{\"content\": ");
        _json = new Utf8JsonWriter(output);
    }

    public ValueTask<FlushResult> BeginAsync(CancellationToken cancellationToken) => SendAsync(
        $"data: {{\"type\": \"metadata\", \"conversation_id\": \"{_head.ConversationId}\", \"model\": \"unified-chat\", \"timestamp\": {_head.Created}}}\n\n",
        cancellationToken);

    public async ValueTask WriteAsync(string text, CancellationToken cancellationToken)
    {
        _output.Write(_contentStart);
        _json.Reset(_output);
        _json.WriteStringValue(text);
        _json.Flush();
        _output.Write("}, \"finish_reason\": null}]}\n\n"u8);
        await _output.FlushAsync(cancellationToken);
    }

    /// <summary>Ends a complete answer.</summary>
    /// <param name="times">Of an answer that was made for this request.</param>
    public ValueTask<FlushResult> EndAsync(string? finishReason, TimeSpan? timeToFirstChunk, CompletionMetadata? times, CancellationToken cancellationToken)
    {
        var end = new StringBuilder();
        if (timeToFirstChunk is { } first && times is not null)
            end.Append(
                $"data: {{\"type\": \"metadata\", \"time_to_first_chunk_ms\": {ChatTurn.Milliseconds(first)}, \"routing_time_ms\": {times.RoutingTimeMs}, \"llm_time_ms\": {times.LlmTimeMs}, \"total_time_ms\": {times.TotalTimeMs}}}\n\n");
        end.Append($"data: {{\"type\": \"done\", \"finish_reason\": {Quote(finishReason ?? "stop")}}}\n\ndata: [DONE]\n\n");
        return SendAsync(end.ToString(), cancellationToken);
    }

    /// <summary>Ends a failed answer.</summary>
    public ValueTask<FlushResult> FailAsync(string message, CancellationToken cancellationToken) => SendAsync(
        $"data: {Head("error")}, \"choices\": [{{\"index\": 0, \"delta\": {{}}, \"finish_reason\": \"error\"}}], \"error\": {{\"message\": {Quote(message)}, \"type\": \"streaming_error\"}}}}\n\ndata: [DONE]\n\n",
        cancellationToken);

    public void Dispose() => _json.Dispose();

    private string Head(string model) =>
        $"{{\"id\": \"{_head.RequestId}\", \"object\": \"chat.completion.chunk\", \"created\": {_head.Created}, \"model\": {Quote(model)}";

    private static string Quote(string text) => $"\"{JavaScriptEncoder.Default.Encode(text)}\"";

    private ValueTask<FlushResult> SendAsync(string events, CancellationToken cancellationToken)
    {
        Encoding.UTF8.GetBytes(events, _output);
        return _output.FlushAsync(cancellationToken);
    }
}

/// <summary>What is the same in every event of a stream.</summary>
/// <param name="Created">Seconds since 1970.</param>
internal sealed record StreamHead(string RequestId, long Created, string Model, Guid? ConversationId);

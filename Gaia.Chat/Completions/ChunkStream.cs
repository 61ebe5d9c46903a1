using System.Text;
using Gaia.Chat.Streaming;

namespace Gaia.Chat.Completions;

/// <summary>The stream of <c>POST /api/v0.2/chat</c> (contract 3.3): nothing but OpenAI's chunks.</summary>
/// <param name="usage">Of the answer that is complete; null where it is not to be told.</param>
internal sealed class ChunkStream(StreamHead head, Func<CompletionUsage>? usage = null) : IStreamFormat
{
    private byte[]? _start;

    public void Begin(SseWriter events)
    {
    }

    public void Chunk(SseWriter events, ReadOnlySpan<char> text)
    {
        events.Raw(_start ??= Encoding.ASCII.GetBytes($"data: {Object($"chatcmpl-{head.Created}")}, \"choices\": [{{\"index\": 0, \"delta\": {{\"content\": "));
        events.Text(text);
        events.Raw(usage is null ? "}, \"finish_reason\": null}]}\n\n"u8 : "}, \"finish_reason\": null}], \"usage\": null}\n\n"u8);
    }

    public void End(SseWriter events, StreamEnd end)
    {
        events.Event($"{Object($"chatcmpl-{head.Created}")}, \"choices\": [{{\"index\": 0, \"delta\": {{}}, \"finish_reason\": {SseWriter.Quote(end.FinishReason)}}}]{(usage is null ? "" : ", \"usage\": null")}}}");
        if (usage?.Invoke() is { } used)
            events.Event($"{Object($"chatcmpl-{head.Created}")}, \"choices\": [], \"usage\": {{\"prompt_tokens\": {used.PromptTokens}, \"completion_tokens\": {used.CompletionTokens}, \"total_tokens\": {used.TotalTokens}}}}}");
        events.Event("[DONE]");
    }

    public void Fail(SseWriter events, string message)
    {
        events.Event(
            $"{Object($"chatcmpl-error-{head.Created}")}, \"choices\": [{{\"index\": 0, \"delta\": {{}}, \"finish_reason\": \"error\"}}], \"error\": {{\"message\": {SseWriter.Quote(message)}, \"type\": \"internal_error\"}}}}");
        events.Event("[DONE]");
    }

    private string Object(string id) =>
        $"{{\"id\": \"{id}\", \"object\": \"chat.completion.chunk\", \"created\": {head.Created}, \"model\": {SseWriter.Quote(head.Model())}";
}

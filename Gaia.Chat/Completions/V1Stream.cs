using System.Text;
using Gaia.Chat.Streaming;
using Gaia.Chat.Turns;

namespace Gaia.Chat.Completions;

/// <summary>
/// The stream of <c>POST /api/v1/chat</c> (contract 3.1): an event that names the conversation, OpenAI's chunks, the times, and an end.
/// </summary>
internal sealed class V1Stream(StreamHead head) : IStreamFormat
{
    private byte[]? _start;

    public void Begin(SseWriter events) => events.Event(
        $"{{\"type\": \"metadata\", \"conversation_id\": {Quoted(head.ConversationId)}, \"model\": \"unified-chat\", \"timestamp\": {head.Created}}}");

    public void Chunk(SseWriter events, ReadOnlySpan<char> text)
    {
        // Not before the first words: until then another model may step in.
        events.Raw(_start ??= Encoding.ASCII.GetBytes($"data: {Object(head.Model())}, \"choices\": [{{\"index\": 0, \"delta\": {{\"content\": "));
        events.Text(text);
        events.Raw("}, \"finish_reason\": null}]}\n\n"u8);
    }

    public void End(SseWriter events, StreamEnd end)
    {
        if (end is { TimeToFirstChunk: { } first, Times: { } times })
            WriteTimes(events, first, times);
        events.Event($"{{\"type\": \"done\", \"finish_reason\": {SseWriter.Quote(end.FinishReason)}}}");
        events.Event("[DONE]");
    }

    public void Fail(SseWriter events, string message)
    {
        events.Event($"{Object("error")}, \"choices\": [{{\"index\": 0, \"delta\": {{}}, \"finish_reason\": \"error\"}}], \"error\": {{\"message\": {SseWriter.Quote(message)}, \"type\": \"streaming_error\"}}}}");
        events.Event("[DONE]");
    }

    internal static void WriteTimes(SseWriter events, TimeSpan first, CompletionMetadata times) => events.Event(
        $"{{\"type\": \"metadata\", \"time_to_first_chunk_ms\": {ChatTurn.Milliseconds(first)}, \"routing_time_ms\": {times.RoutingTimeMs}, \"llm_time_ms\": {times.LlmTimeMs}, \"total_time_ms\": {times.TotalTimeMs}}}");

    internal static string Quoted(Guid? id) => id is null ? "null" : $"\"{id}\"";

    private string Object(string model) =>
        $"{{\"id\": \"{head.RequestId}\", \"object\": \"chat.completion.chunk\", \"created\": {head.Created}, \"model\": {SseWriter.Quote(model)}";
}

/// <summary>What is the same in every event of a stream.</summary>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The model that answers, once it does.</param>
internal sealed record StreamHead(string RequestId, long Created, Guid? ConversationId, Func<string> Model)
{
    public static StreamHead Of(ChatTurn turn) => new(turn.RequestId, turn.Created, turn.ConversationId, () => turn.Model.Id);
}

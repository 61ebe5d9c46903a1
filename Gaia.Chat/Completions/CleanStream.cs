using Gaia.Chat.Streaming;

namespace Gaia.Chat.Completions;

/// <summary>The stream of <c>POST /api/v0.3/chat</c> (contract 3.2): typed events, and one that says that it is done.</summary>
internal sealed class CleanStream(StreamHead head) : IStreamFormat
{
    public void Begin(SseWriter events) => new V1Stream(head).Begin(events);

    public void Chunk(SseWriter events, ReadOnlySpan<char> text)
    {
        events.Raw("data: {\"type\": \"content\", \"content\": "u8);
        events.Text(text);
        events.Raw("}\n\n"u8);
    }

    public void End(SseWriter events, StreamEnd end)
    {
        if (end is { TimeToFirstChunk: { } first, Times: { } times })
            V1Stream.WriteTimes(events, first, times);
        Done(events, end.FinishReason);
    }

    public void Fail(SseWriter events, string message)
    {
        events.Event($"{{\"type\": \"error\", \"error\": {SseWriter.Quote(message)}}}");
        Done(events, "error");
    }

    private void Done(SseWriter events, string finishReason) =>
        events.Event($"{{\"type\": \"done\", \"finish_reason\": {SseWriter.Quote(finishReason)}, \"conversation_id\": {V1Stream.Quoted(head.ConversationId)}}}");
}

using Gaia.Chat.Completions;

namespace Gaia.Chat.Streaming;

/// <summary>How a streamed answer looks on the wire of one family. Asked for one event at a time.</summary>
internal interface IStreamFormat
{
    /// <summary>What comes before the answer.</summary>
    void Begin(SseWriter events);

    /// <summary>A part of the answer.</summary>
    void Chunk(SseWriter events, ReadOnlySpan<char> text);

    /// <summary>What comes after a complete answer.</summary>
    void End(SseWriter events, StreamEnd end);

    /// <summary>What comes after an answer that failed, before or after its first words.</summary>
    void Fail(SseWriter events, string message);
}

/// <summary>What is known at the end of an answer.</summary>
/// <param name="FinishReason">As the model gave it.</param>
/// <param name="TimeToFirstChunk">Null when nothing was said, or the answer was made for another request.</param>
/// <param name="Times">Null for an answer that was made for another request.</param>
internal sealed record StreamEnd(string FinishReason, TimeSpan? TimeToFirstChunk = null, CompletionMetadata? Times = null);

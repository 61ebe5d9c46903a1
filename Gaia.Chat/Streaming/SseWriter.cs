using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gaia.Chat.Streaming;

/// <summary>
/// Writes events as the legacy services did: one line <c>data: …</c> and an empty one, JSON with a space after each comma and colon,
/// ASCII only. Nothing is sent before <see cref="FlushAsync"/>; one writer at a time.
/// </summary>
internal sealed class SseWriter(PipeWriter output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(output);

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    /// <summary>A JSON string, quotes included.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        _json.Reset(output);
        _json.WriteStringValue(text);
        _json.Flush();
    }

    /// <summary>One whole event: JSON on one line.</summary>
    public void Event(ReadOnlySpan<byte> json)
    {
        Raw("data: "u8);
        Raw(json);
        Raw("\n\n"u8);
    }

    /// <summary>One whole event; what is inserted is ASCII, strings among it made by <see cref="Quote"/>.</summary>
    public void Event(string json)
    {
        Raw("data: "u8);
        Encoding.ASCII.GetBytes(json, output);
        Raw("\n\n"u8);
    }

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    public void Dispose() => _json.Dispose();

    /// <summary>A JSON string, quotes included.</summary>
    public static string Quote(string text) => $"\"{JavaScriptEncoder.Default.Encode(text)}\"";
}

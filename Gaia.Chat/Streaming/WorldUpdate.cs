using System.Text.Json;

namespace Gaia.Chat.Streaming;

/// <summary>Reads what comes on <c>world.updates.user.*</c>: whatever JSON object it is, it is relayed as it is.</summary>
internal static class WorldUpdate
{
    /// <summary>Bytes of one event; what is larger is dropped.</summary>
    internal const int MaxSize = 64 * 1024;

    /// <summary>The event on one line; null when it is no JSON object, or too large.</summary>
    internal static byte[]? Read(ReadOnlyMemory<byte> data)
    {
        if (data.Length is 0 or > MaxSize)
            return null;
        try
        {
            using var document = JsonDocument.Parse(data);
            // Some legacy publishers encode twice: a JSON string that holds the JSON.
            if (document.RootElement.ValueKind != JsonValueKind.String)
                return Compact(document.RootElement);
            using var inner = JsonDocument.Parse(document.RootElement.GetString()!);
            return Compact(inner.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: half a surrogate pair in a string.
            return null;
        }
    }

    private static byte[]? Compact(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? JsonSerializer.SerializeToUtf8Bytes(value, StreamingJson.Default.JsonElement) : null;
}

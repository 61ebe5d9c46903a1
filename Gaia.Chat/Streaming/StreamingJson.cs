using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.Chat.Streaming;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class StreamingJson : JsonSerializerContext;

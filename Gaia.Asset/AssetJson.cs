using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.Asset;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(About.About))]
internal sealed partial class AssetJson : JsonSerializerContext;

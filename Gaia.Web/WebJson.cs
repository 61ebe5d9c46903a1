using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Web.Status;

namespace Gaia.Web;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GatewayHealth))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
internal sealed partial class WebJson : JsonSerializerContext;

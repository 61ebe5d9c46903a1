using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.ServiceDefaults.Http;

public static class WireOptions
{
    /// <summary>
    /// The options of a generated context, writing quotes, apostrophes and other languages as they are. Only for bodies that are
    /// sent as <c>application/json</c>: the default escapes what HTML would take for markup.
    /// </summary>
    public static JsonSerializerOptions Readable(this JsonSerializerContext generated) =>
        new(generated.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

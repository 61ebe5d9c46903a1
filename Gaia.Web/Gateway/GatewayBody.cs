using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gaia.Web.Gateway;

/// <summary>A JSON body, which can be sent a second time.</summary>
internal sealed class GatewayBody
{
    private readonly byte[] _json;

    private GatewayBody(byte[] json) => _json = json;

    public static GatewayBody Of<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(value, type));

    internal HttpContent ToContent() => new ByteArrayContent(_json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}

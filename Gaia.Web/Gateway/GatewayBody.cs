using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gaia.Web.Gateway;

/// <summary>A JSON body, which can be sent a second time.</summary>
internal sealed class GatewayBody
{
    private readonly byte[] _json;

    private GatewayBody(byte[] json, string? idempotencyKey) => (_json, IdempotencyKey) = (json, idempotencyKey);

    /// <summary>With it what is asked for is done once, however often it is asked for.</summary>
    internal string? IdempotencyKey { get; }

    public static GatewayBody Of<T>(T value, JsonTypeInfo<T> type, string? idempotencyKey = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type), idempotencyKey);

    internal HttpContent ToContent() => new ByteArrayContent(_json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}

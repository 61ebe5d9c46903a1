using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>An API key was used from somewhere.</summary>
/// <param name="KeyId">The key's id.</param>
/// <param name="Address">The client's address.</param>
/// <param name="At">The last time, UTC.</param>
public readonly record struct KeyUse(Guid KeyId, [property: JsonConverter(typeof(AddressConverter))] IPAddress Address, DateTimeOffset At);

/// <summary>The body of <c>POST /internal/key-usage</c>.</summary>
/// <param name="Uses">At most 1000; each pair of key and address once.</param>
public sealed record KeyUsageReport(IReadOnlyList<KeyUse> Uses)
{
    public const int MaxUses = 1000;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyUsageReport))]
public sealed partial class KeyUsageJson : JsonSerializerContext;

internal sealed class AddressConverter : JsonConverter<IPAddress>
{
    public override IPAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPAddress.TryParse(reader.GetString(), out var address) ? address : throw new JsonException("Not an IP address.");

    public override void Write(Utf8JsonWriter writer, IPAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

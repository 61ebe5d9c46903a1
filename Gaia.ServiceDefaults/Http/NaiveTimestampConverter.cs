using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// The wire's timestamps: UTC in ISO 8601 with microseconds and without an offset (<c>2025-07-28T09:30:00.123456</c>), as
/// the clients of the legacy routes parse them. Reads values with an offset too, as UTC.
/// </summary>
public sealed class NaiveTimestampConverter : JsonConverter<DateTime>
{
    public const string Format = "yyyy-MM-ddTHH:mm:ss.ffffff";

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.TryParse(reader.GetString(), CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value)
            ? value
            : throw new JsonException("Not a timestamp in ISO 8601.");

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out var written, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..written]);
    }
}

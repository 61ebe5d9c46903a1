using System.Text;

namespace Gaia.Tests.Infrastructure;

/// <summary>
/// Reads the few fields that tests look at from OTLP's protobuf messages
/// (opentelemetry/proto/collector/trace/v1/trace_service.proto).
/// </summary>
internal static class OtlpTraces
{
    public static IEnumerable<ReceivedSpan> Read(byte[] request) =>
        from resourceSpans in Fields(request, 1)
        let service = ServiceName(resourceSpans)
        from scopeSpans in Fields(resourceSpans, 2)
        let scope = Fields(scopeSpans, 1).SelectMany(body => Fields(body, 1)).Select(Text).FirstOrDefault("")
        from span in Fields(scopeSpans, 2)
        select new ReceivedSpan(
            service, scope, Hex(span, 1), Hex(span, 2), Hex(span, 4), Fields(span, 5).Select(Text).FirstOrDefault(""), Attribute(span, 9, "gaia.request_id"),
            Attribute(span, 9, "db.query.text"));

    /// <summary>Every signal begins alike: a list of resources, each with its attributes.</summary>
    public static IEnumerable<string> ServiceNames(byte[] request) => Fields(request, 1).Select(ServiceName);

    private static string ServiceName(ReadOnlyMemory<byte> resourceItem) =>
        Fields(resourceItem, 1).Select(resource => Attribute(resource, 1, "service.name")).FirstOrDefault("");

    /// <summary>The text of an attribute; empty when it is not there.</summary>
    private static string Attribute(ReadOnlyMemory<byte> message, int field, string name) =>
        (from attribute in Fields(message, field)
         where Fields(attribute, 1).Select(Text).FirstOrDefault() == name
         from value in Fields(attribute, 2)
         from text in Fields(value, 1)
         select Text(text)).FirstOrDefault("");

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Fields(message, field).Select(bytes => Convert.ToHexStringLower(bytes.Span)).FirstOrDefault("");

    /// <summary>The length-delimited fields with this number.</summary>
    private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        var position = 0;
        while (position < message.Length)
        {
            var tag = Varint(message.Span, ref position);
            switch (tag & 7)
            {
                case 0: Varint(message.Span, ref position); break;
                case 1: position += 8; break;
                case 5: position += 4; break;
                case 2:
                    var length = (int)Varint(message.Span, ref position);
                    if ((int)(tag >> 3) == number)
                        found.Add(message.Slice(position, length));
                    position += length;
                    break;
                default: throw new InvalidDataException($"Wire type {tag & 7} is not part of OTLP.");
            }
        }

        return found;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}

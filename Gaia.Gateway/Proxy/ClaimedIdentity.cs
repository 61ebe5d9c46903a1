using System.Buffers;
using System.Text;
using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// The member <c>_auth</c> of a JSON body: the legacy gateway named the caller there and its services believed it, so that no
/// client may send it.
/// </summary>
internal static class ClaimedIdentity
{
    private const string Member = "_auth";

    /// <summary>The body without the member at its top level; null when it is not there, or the body is no JSON object.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="mistake">The answer to a body that cannot be written anew.</param>
    internal static byte[]? Drop(ReadOnlyMemory<byte> body, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        var json = body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
        if (!MayHold(json.Span))
            return null;
        try
        {
            using var document = JsonDocument.Parse(json);
            mistake = JsonText.Check(document.RootElement);
            return mistake is null
                && document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.EnumerateObject().Any(IsClaim)
                ? Rewrite(document.RootElement, json.Length)
                : null;
        }
        catch (JsonException)
        {
            // The service says what is wrong with it.
            return null;
        }
    }

    /// <summary>Cheap, and wrong only in one way: a name may be written with escapes, and the member may be further down.</summary>
    private static bool MayHold(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) >= 0)
            return true;
        for (var at = json.IndexOf((byte)'_'); at >= 0; at = json.IndexOf((byte)'_'))
        {
            if (json.Length - at >= Member.Length && Ascii.EqualsIgnoreCase(json.Slice(at, Member.Length), Member))
                return true;
            json = json[(at + 1)..];
        }

        return false;
    }

    private static byte[] Rewrite(JsonElement root, int length)
    {
        var rest = new ArrayBufferWriter<byte>(length);
        using var writer = new Utf8JsonWriter(rest);
        writer.WriteStartObject();
        foreach (var member in root.EnumerateObject().Where(member => !IsClaim(member)))
            member.WriteTo(writer);
        writer.WriteEndObject();
        writer.Flush();
        return rest.WrittenSpan.ToArray();
    }

    /// <summary>Readers of JSON may overlook the case.</summary>
    private static bool IsClaim(JsonProperty member) => string.Equals(member.Name, Member, StringComparison.OrdinalIgnoreCase);
}

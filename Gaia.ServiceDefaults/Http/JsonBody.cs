using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gaia.ServiceDefaults.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// A request's JSON object, read field by field, so that each mistake is answered with its place and what to change.
/// Fields that nobody asks for are ignored.
/// </summary>
public sealed class JsonBody : IDisposable
{
    private readonly JsonDocument? _document;
    private readonly PipeReader? _reader;
    private readonly SequencePosition _end;

    private JsonBody(JsonHttpResult<ValidationErrorBody>? error) => Error = error;

    private JsonBody(JsonDocument document, PipeReader reader, SequencePosition end)
    {
        _document = document;
        _reader = reader;
        _end = end;
    }

    /// <summary>The answer when there is no object in the body.</summary>
    public JsonHttpResult<ValidationErrorBody>? Error { get; }

    /// <param name="request">Whose body, whatever its content type says: legacy clients do not all send one.</param>
    /// <param name="maxSize">Bytes. Counted here and not by the server, which would cut the connection of a client that is still sending.</param>
    /// <param name="emptyIsObject">Whether no body means the same as <c>{}</c>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">The body is too large.</exception>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, int maxSize, bool emptyIsObject, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        ReadOnlySequence<byte> body;
        if (request.ContentLength > maxSize)
            throw TooLarge();
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            body = read.Buffer;
            if (body.Length > maxSize)
            {
                reader.AdvanceTo(body.End);
                throw TooLarge();
            }

            if (read.IsCompleted)
                break;
            reader.AdvanceTo(body.Start, body.End);
        }

        // Some clients write the mark of UTF-8 before it.
        var start = new SequenceReader<byte>(body);
        if (start.IsNext(Encoding.UTF8.Preamble, advancePast: true))
            body = start.UnreadSequence;
        if (body.IsEmpty)
            return Refuse(emptyIsObject ? null : LegacyResults.Invalid("missing", "Send a JSON object as the body", "body"));

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException exception)
        {
            return Refuse(LegacyResults.Invalid(
                "json_invalid", $"The body is not valid JSON: look at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}", "body"));
        }

        var mistake = document.RootElement.ValueKind == JsonValueKind.Object
            ? JsonText.Check(document.RootElement)
            : LegacyResults.Invalid("dict_type", "The body must be a JSON object", "body");
        if (mistake is null)
            return new JsonBody(document, reader, body.End);
        document.Dispose();
        return Refuse(mistake);

        JsonBody Refuse(JsonHttpResult<ValidationErrorBody>? error)
        {
            reader.AdvanceTo(body.End);
            return new JsonBody(error);
        }

        static BadHttpRequestException TooLarge() => new("Request body is too large", StatusCodes.Status413PayloadTooLarge);
    }

    /// <summary>The value of a field; false where it is absent or null.</summary>
    public bool TryGet(string name, out JsonElement value)
    {
        value = default;
        return _document is not null && _document.RootElement.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>A text field; null where it is absent or null.</summary>
    public bool TryGetText(string name, out string? text, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        text = null;
        mistake = null;
        return !TryGet(name, out var value) || TryReadText(value, out text, out mistake, name);
    }

    /// <summary>A yes-or-no field; false where it is absent or null.</summary>
    public bool TryGetFlag(string name, out bool flag, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        flag = false;
        mistake = null;
        if (!TryGet(name, out var value))
            return true;
        flag = value.ValueKind == JsonValueKind.True;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return true;
        mistake = LegacyResults.Invalid("bool_type", $"{name} must be true or false", "body", name);
        return false;
    }

    /// <summary>A time in ISO 8601, wherever it stands in the body, in UTC. Without an offset it is UTC already.</summary>
    public static bool TryReadUtc(JsonElement value, out DateTime utc)
    {
        utc = default;
        if (value.ValueKind != JsonValueKind.String || !value.TryGetDateTime(out var time))
            return false;
        // One with an offset is read into local time.
        utc = time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc);
        return true;
    }

    /// <summary>A text value, wherever it stands in the body; <paramref name="path"/> says where in a mistake.</summary>
    public static bool TryReadText(JsonElement value, out string? text, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake, params string[] path)
    {
        text = null;
        mistake = null;
        var name = string.Join('.', path);
        if (value.ValueKind != JsonValueKind.String)
        {
            mistake = LegacyResults.Invalid("string_type", $"{name} must be a string", ["body", .. path]);
            return false;
        }

        text = value.GetString()!;
        if (TextRules.IsStorable(text))
            return true;
        mistake = LegacyResults.Invalid("string_unicode", $"{name} must be valid Unicode without the character U+0000", ["body", .. path]);
        return false;
    }

    public void Dispose()
    {
        _document?.Dispose();
        // Not before: the document reads from the buffer.
        _reader?.AdvanceTo(_end);
    }
}

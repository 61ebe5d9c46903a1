using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gaia.Chat.Conversations;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat;

/// <summary>
/// A request's JSON object, read field by field, so that each mistake is answered with its place and what to change.
/// Fields that nobody asks for are ignored.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    private readonly JsonDocument? _document;

    private JsonBody(JsonDocument? document, JsonHttpResult<ValidationErrorBody>? error = null)
    {
        _document = document;
        Error = error;
    }

    /// <summary>The answer when there is no object in the body.</summary>
    public JsonHttpResult<ValidationErrorBody>? Error { get; }

    /// <param name="request">Whose body, whatever its content type says: legacy clients do not all send one.</param>
    /// <param name="emptyIsObject">Whether no body means the same as <c>{}</c>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<JsonBody> ReadAsync(HttpRequest request, bool emptyIsObject, CancellationToken cancellationToken)
    {
        var peek = await request.BodyReader.ReadAsync(cancellationToken);
        var empty = peek is { IsCompleted: true, Buffer.IsEmpty: true };
        request.BodyReader.AdvanceTo(peek.Buffer.Start);
        if (empty)
            return emptyIsObject ? new(null) : new(null, LegacyResults.Invalid("missing", "Send a JSON object as the body", "body"));

        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, default, cancellationToken);
        }
        catch (JsonException exception)
        {
            return new(null, LegacyResults.Invalid(
                "json_invalid", $"The body is not valid JSON: look at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}", "body"));
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return new(document);
        document.Dispose();
        return new(null, LegacyResults.Invalid("dict_type", "The body must be a JSON object", "body"));
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

        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are not UTF-8.
        }

        if (text is not null && TextRules.IsStorable(text))
            return true;
        mistake = LegacyResults.Invalid("string_unicode", $"{name} must be valid Unicode without the character U+0000", ["body", .. path]);
        return false;
    }

    public void Dispose() => _document?.Dispose();
}

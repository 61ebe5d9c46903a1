using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Users;

/// <summary>
/// The text fields of a request's JSON object. What is missing or no text is answered with 422 and a list of all mistakes, in
/// FastAPI's form but without the input, which may be a password.
/// </summary>
internal sealed class Fields
{
    private const int MaxBodySize = 64 * 1024;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<ValidationError> _mistakes = [];

    /// <summary>The answer when something is wrong with the body; otherwise null.</summary>
    public JsonHttpResult<ValidationErrorBody>? Mistake => _mistakes is [] ? null
        : TypedResults.Json(new ValidationErrorBody(_mistakes), WireJson.Readable.ValidationErrorBody, statusCode: StatusCodes.Status422UnprocessableEntity);

    /// <summary>The value of a field that was asked for; empty where it is optional and absent.</summary>
    public string this[string name] => _values.GetValueOrDefault(name, "");

    /// <param name="request">Whose body, whatever its content type says: legacy clients do not all send one.</param>
    /// <param name="required">The fields that must be there.</param>
    /// <param name="optional">Those that may be absent or null.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">The body is too large.</exception>
    public static async Task<Fields> ReadAsync(HttpRequest request, IReadOnlyList<string> required, IReadOnlyList<string> optional, CancellationToken cancellationToken)
    {
        var fields = new Fields();
        using var document = await fields.ParseAsync(request, cancellationToken);
        if (document is null)
            return fields;
        foreach (var name in required)
            fields.Read(document.RootElement, name, isRequired: true);
        foreach (var name in optional)
            fields.Read(document.RootElement, name, isRequired: false);
        return fields;
    }

    private async Task<JsonDocument?> ParseAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBodySize)
                throw new BadHttpRequestException("Request body is too large", StatusCodes.Status413PayloadTooLarge);
        }

        if (body.Length == 0)
        {
            _mistakes.Add(new ValidationError("missing", ["body"], "Field required"));
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            _mistakes.Add(new ValidationError("model_attributes_type", ["body"], "Input should be a valid dictionary or object to extract fields from"));
        }
        catch (JsonException exception)
        {
            _mistakes.Add(new ValidationError("json_invalid", ["body"], $"The body is not valid JSON: look at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}"));
        }

        return null;
    }

    private void Read(JsonElement body, string name, bool isRequired)
    {
        if (!body.TryGetProperty(name, out var value) || (!isRequired && value.ValueKind == JsonValueKind.Null))
        {
            if (isRequired)
                _mistakes.Add(new ValidationError("missing", ["body", name], "Field required"));
            return;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            _mistakes.Add(new ValidationError("string_type", ["body", name], "Input should be a valid string"));
            return;
        }

        try
        {
            _values[name] = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are not UTF-8.
            _mistakes.Add(new ValidationError("string_unicode", ["body", name], "Input should be a valid string, unable to parse raw data as a unicode string"));
        }
    }
}

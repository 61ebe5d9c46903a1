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

    /// <param name="request">Whose body.</param>
    /// <param name="required">The fields that must be there.</param>
    /// <param name="optional">Those that may be absent or null.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="BadHttpRequestException">The body is too large.</exception>
    public static async Task<Fields> ReadAsync(HttpRequest request, IReadOnlyList<string> required, IReadOnlyList<string> optional, CancellationToken cancellationToken)
    {
        var fields = new Fields();
        using var body = await JsonBody.ReadAsync(request, MaxBodySize, emptyIsObject: required is [], cancellationToken);
        if (body.Error is { } error)
        {
            fields._mistakes.AddRange(error.Value!.Detail);
            return fields;
        }

        foreach (var name in required.Concat(optional))
        {
            if (!body.TryGetText(name, out var text, out var mistake))
                fields._mistakes.AddRange(mistake.Value!.Detail);
            else if (text is not null)
                fields._values[name] = text;
            else if (required.Contains(name))
                fields._mistakes.Add(new ValidationError("missing", ["body", name], "Field required"));
        }

        return fields;
    }
}

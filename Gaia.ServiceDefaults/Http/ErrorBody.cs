using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.ServiceDefaults.Http;

/// <summary>The error body of the legacy routes: <c>{"detail": "…"}</c>.</summary>
public sealed record ErrorBody(string Detail);

/// <summary>The body of a 429: legacy clients read <c>error</c>, all others <c>detail</c>.</summary>
public sealed record LimitedBody(string Error, string Detail);

/// <summary>One entry of a 422's <c>detail</c> list, as FastAPI writes it.</summary>
/// <param name="Type">A stable word for the kind of mistake, such as <c>json_invalid</c> or <c>missing</c>.</param>
/// <param name="Loc">Where it is: <c>["body", "message"]</c>.</param>
/// <param name="Msg">What to change.</param>
public sealed record ValidationError(string Type, IReadOnlyList<string> Loc, string Msg);

/// <summary>The body of a 422: <c>{"detail": [{"type", "loc", "msg"}]}</c>.</summary>
public sealed record ValidationErrorBody(IReadOnlyList<ValidationError> Detail);

/// <summary>Answers in the error shapes of the legacy routes.</summary>
public static class LegacyResults
{
    public static JsonHttpResult<ErrorBody> Error(int status, string detail) =>
        TypedResults.Json(new ErrorBody(detail), WireJson.Readable.ErrorBody, statusCode: status);

    public static JsonHttpResult<ErrorBody> BadRequest(string detail) => Error(StatusCodes.Status400BadRequest, detail);

    public static JsonHttpResult<ErrorBody> NotFound(string detail) => Error(StatusCodes.Status404NotFound, detail);

    public static JsonHttpResult<ValidationErrorBody> Invalid(string type, string message, params string[] location) =>
        TypedResults.Json(
            new ValidationErrorBody([new ValidationError(type, location, message)]),
            WireJson.Readable.ValidationErrorBody,
            statusCode: StatusCodes.Status422UnprocessableEntity);

    /// <summary>Writes an error outside of an endpoint. Does nothing once the response has begun.</summary>
    public static Task WriteErrorAsync(this HttpContext context, int status, string detail)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ErrorBody(detail), WireJson.Readable.ErrorBody, cancellationToken: CancellationToken.None);
    }

    /// <summary>Writes a 429 with <c>Retry-After</c>. Does nothing once the response has begun.</summary>
    /// <param name="context">The request that is refused.</param>
    /// <param name="error">Which limit it is.</param>
    /// <param name="retryAfter">When another attempt may succeed; rounded up to whole seconds.</param>
    public static Task WriteLimitedAsync(this HttpContext context, string error, TimeSpan retryAfter)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        var seconds = Math.Max(1, (long)Math.Ceiling(retryAfter.TotalSeconds));
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var body = new LimitedBody(error, string.Create(CultureInfo.InvariantCulture, $"{error}. Try again in {seconds} second{(seconds == 1 ? "" : "s")}."));
        return context.Response.WriteAsJsonAsync(body, WireJson.Readable.LimitedBody, cancellationToken: CancellationToken.None);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(LimitedBody))]
[JsonSerializable(typeof(ValidationErrorBody))]
public sealed partial class WireJson : JsonSerializerContext
{
    public static WireJson Readable => field ??= new(Default.Readable());
}

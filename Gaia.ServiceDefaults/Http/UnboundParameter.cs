using System.Reflection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Gaia.ServiceDefaults.Http;

/// <summary>
/// What to change about a query or route value that the framework could not bind. Its exception is a sentence with the type and the
/// name of the parameter in C#; what a client calls it and must send is known to the endpoint.
/// </summary>
internal static class UnboundParameter
{
    private static readonly (string Word, string Expected) Whole = ("int_parsing", "a whole number of usual size");
    private static readonly (string Word, string Expected) Number = ("float_parsing", "a number");
    private static readonly (string Word, string Expected) Time = ("datetime_parsing", "a date and time such as 2026-01-31T12:00:00Z");

    private static readonly Dictionary<Type, (string Word, string Expected)> Kinds = new()
    {
        [typeof(int)] = Whole,
        [typeof(long)] = Whole,
        [typeof(double)] = Number,
        [typeof(decimal)] = Number,
        [typeof(bool)] = ("bool_parsing", "true or false"),
        [typeof(Guid)] = ("uuid_parsing", "a UUID"),
        [typeof(DateTime)] = Time,
        [typeof(DateTimeOffset)] = Time,
        [typeof(string)] = ("string_type", "text"),
    };

    /// <returns>The answer; null when it was something else that could not be bound.</returns>
    public static JsonHttpResult<ValidationErrorBody>? Explain(BadHttpRequestException exception, HttpContext context)
    {
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        if (exception.StatusCode != StatusCodes.Status400BadRequest
            || Find(endpoint, exception.Message) is not { } parameter
            || !Kinds.TryGetValue(Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType, out var kind))
            return null;

        var name = NameOnTheWire(parameter);
        if ((endpoint as RouteEndpoint)?.RoutePattern.GetParameter(name) is not null)
            return LegacyResults.Invalid(kind.Word, $"{name} must be {kind.Expected}", "path", name);
        return context.Request.Query.ContainsKey(name)
            ? LegacyResults.Invalid(kind.Word, $"{name} must be {kind.Expected}, given once", "query", name)
            : LegacyResults.Invalid("missing", $"{name} is required", "query", name);
    }

    /// <summary>By what is first in quotes: <c>Failed to bind parameter "Nullable&lt;int&gt; limit" from "abc".</c></summary>
    private static ParameterInfo? Find(Endpoint? endpoint, string message) =>
        message.Split('"', 3) is [_, var declaration, _]
            ? endpoint?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
                .Select(static parameter => parameter.ParameterInfo)
                .FirstOrDefault(parameter => declaration.EndsWith($" {parameter.Name}", StringComparison.Ordinal))
            : null;

    private static string NameOnTheWire(ParameterInfo parameter)
    {
        var attributes = parameter.GetCustomAttributes().ToList();
        return attributes.OfType<IFromQueryMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromRouteMetadata>().FirstOrDefault()?.Name
            ?? parameter.Name!;
    }
}

using Microsoft.AspNetCore.Builder;

namespace Gaia.ServiceDefaults.OpenApi;

/// <summary>The JSON body of an endpoint that reads it by itself.</summary>
/// <param name="Type">Its shape; optional fields have a default value.</param>
/// <param name="IsOptional">Whether no body at all is fine.</param>
internal sealed record DescribedBody(Type Type, bool IsOptional);

public static class DescribedBodyExtensions
{
    /// <summary>
    /// Describes the JSON body of an endpoint that reads it by itself. In place of <c>Accepts</c>, which would refuse whoever does not
    /// say that it is JSON, as legacy clients do not.
    /// </summary>
    /// <typeparam name="T">Its shape, for the description alone; optional fields have a default value.</typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="isOptional">Whether no body at all is fine.</param>
    public static RouteHandlerBuilder WithBody<T>(this RouteHandlerBuilder endpoint, bool isOptional = false) =>
        endpoint.WithMetadata(new DescribedBody(typeof(T), isOptional));
}

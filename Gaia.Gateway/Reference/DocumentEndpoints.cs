using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Gateway.Reference;

internal static class DocumentEndpoints
{
    internal static void MapDocument(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi.json", GetDocumentAsync)
            .WithTags("Platform")
            .WithSummary("This description of the API")
            .WithDescription($"While a service does not answer, `{PublicApi.UnavailableField}` names it, and its routes may be missing.")
            .Produces<object>(contentType: "application/json")
            .AllowAnonymous();

    /// <summary>Asked again with its <c>ETag</c>, it is not sent again.</summary>
    private static async Task<FileContentHttpResult> GetDocumentAsync(HttpContext http, PublicApi api, CancellationToken cancellationToken)
    {
        var document = await api.GetAsync(cancellationToken);
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(document.Json, "application/json", entityTag: document.Tag);
    }
}

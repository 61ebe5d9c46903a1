using Gaia.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Asset.About;

/// <summary>The body of <c>GET /</c> (contract 2.15).</summary>
internal sealed record About(string Service, string Status, string Version);

internal static class AboutEndpoints
{
    internal static void MapAbout(this IEndpointRouteBuilder routes) => routes.MapGet("/", GetAbout).AllowAnonymous();

    private static JsonHttpResult<About> GetAbout(ServiceInfo service) =>
        TypedResults.Json(new About(service.Name, "healthy", service.Version), AssetJson.Default.About);
}

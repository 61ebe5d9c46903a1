using Gaia.Web.Status;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Home;

internal static class HomeEndpoints
{
    internal static void MapHome(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/", GetHomeAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<RazorComponentResult<HomePage>> GetHomeAsync(
        PlatformMonitor monitor, HttpResponse response, CancellationToken cancellationToken)
    {
        var status = await monitor.GetAsync(cancellationToken);
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<HomePage>(new { Status = status });
    }
}

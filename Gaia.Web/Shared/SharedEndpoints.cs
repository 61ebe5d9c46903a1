using Gaia.Web.Chat;
using Gaia.Web.Gateway;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Shared;

internal static class SharedEndpoints
{
    internal static void MapShared(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/shared/{token}", GetAsync).AllowAnonymous().ExcludeFromDescription();

    /// <summary>A conversation for whoever has the link to it.</summary>
    private static async Task<IResult> GetAsync(
        string token, int? from, ChatGateway gateway, HttpResponse response, CancellationToken cancellationToken)
    {
        // What is revoked has to be gone at once, and the link is nobody else's to know.
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Robots-Tag"] = "noindex";
        try
        {
            return new RazorComponentResult<SharedPage>(new { Conversation = await gateway.OpenAsync(token, Math.Max(0, from ?? 0), cancellationToken) });
        }
        catch (GatewayException exception) when (exception.IsNotFound)
        {
            return TypedResults.StatusCode(StatusCodes.Status404NotFound);
        }
    }
}

using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Gateway.Legacy;

/// <summary>
/// The routes of the legacy API whose service is still to come. They ask for the credential that they will ask for, and then say so
/// with a 501: to a client a 404 would mean that it called something that never was. A service that comes takes its rows with it.
/// </summary>
internal static class PendingRoutes
{
    private const string Assets = "/api/v1/assets";
    private const string Chat = "/api/v1/chat";
    private const string Pricing = "/api/v0.2/assets/pricing";
    private const string Usage = "/api/v0.2/usage";
    private const string Knowledge = "/api/v0.2/kb";
    private const string Files = "/api/v1/filesystem";

    internal static IReadOnlyList<PendingRoute> All { get; } =
    [
        new("GET", $"{Pricing}/current", "Pricing", Assets),
        new("GET", $"{Pricing}/analytics", "Pricing", Assets),
        new("POST", $"{Pricing}/update", "Pricing", Assets),
        new("GET", $"{Pricing}/providers", "Pricing", Assets),
        new("POST", $"{Pricing}/cost-estimator/estimate", "Pricing", Assets),
        new("GET", $"{Pricing}/cost-estimator/dalle-tiers", "Pricing", Assets),
        new("GET", $"{Pricing}/cost-estimator/meshy-packages", "Pricing", Assets),
        new("GET", $"{Pricing}/cost-estimator/provider-comparison", "Pricing", Assets),

        new("GET", $"{Usage}/current", "Usage"),
        new("GET", $"{Usage}/history", "Usage"),
        new("POST", $"{Usage}/log", "Usage"),
        new("GET", $"{Usage}/limits", "Usage"),
        new("GET", $"{Usage}/billing/current", "Usage"),
        new("GET", $"{Usage}/reports/monthly", "Usage"),

        new("POST", $"{Knowledge}/search", "Knowledge base"),
        new("POST", $"{Knowledge}/read", "Knowledge base"),
        new("POST", $"{Knowledge}/context", "Knowledge base"),
        new("POST", $"{Knowledge}/navigate", "Knowledge base"),
        new("POST", $"{Knowledge}/list", "Knowledge base"),
        new("POST", $"{Knowledge}/multitask", "Knowledge base"),
        new("POST", $"{Knowledge}/write", "Knowledge base"),
        new("POST", $"{Knowledge}/move", "Knowledge base"),
        new("DELETE", $"{Knowledge}/delete", "Knowledge base"),
        new("GET", $"{Knowledge}/git/status", "Knowledge base"),
        new("GET", $"{Knowledge}/cache/stats", "Knowledge base"),
        new("POST", $"{Knowledge}/cache/invalidate", "Knowledge base"),
        new("GET", $"{Knowledge}/health", "Knowledge base"),
        new("POST", $"{Chat}/kb-enhanced", "Knowledge base"),
        new("POST", $"{Chat}/kb-research", "Knowledge base"),
        new("POST", $"{Chat}/kb-gamemaster", "Knowledge base"),
        new("POST", $"{Chat}/kb-development", "Knowledge base"),
        new("POST", $"{Chat}/kb-search", "Knowledge base"),
        new("POST", $"{Chat}/kb-context", "Knowledge base"),
        new("POST", $"{Chat}/kb-multitask", "Knowledge base"),

        new("GET", Assets, "Assets", Assets),
        new("POST", $"{Assets}/generate", "Assets", Assets),
        new("GET", $"{Assets}/test", "Assets") { IsPublic = true },
        new("GET", $"{Assets}/search", "Assets", Assets),
        new("GET", $"{Assets}/{{asset_id}}", "Assets", Assets),

        new("GET", Files, "Files"),
        new("POST", $"{Files}/read", "Files"),
        new("GET", $"{Files}/files", "Files"),

        new("GET", "/api/v0.3/locations/nearby", "Locations") { IsPublic = true },
        new("GET", "/ws/experience", "Experiences"),
    ];

    internal static void MapPending(this IEndpointRouteBuilder routes)
    {
        foreach (var route in All)
        {
            var answer = LegacyResults.Error(
                StatusCodes.Status501NotImplemented, $"{route.Method} {route.Path} is not available yet: its service ({route.Service}) is not part of this version");
            // A parameter is described where a handler takes it.
            Delegate handler = route.Path.EndsWith("/{asset_id}", StringComparison.Ordinal)
                ? ([FromRoute(Name = "asset_id")] string _) => answer
                : () => answer;
            var endpoint = routes.MapMethods(route.Path, [route.Method], handler)
                .WithTags(route.Service)
                .WithSummary($"{route.Service}: still to come")
                .WithDescription("A route of the legacy API whose service this version does not have. It answers 501.")
                .Produces<ErrorBody>(StatusCodes.Status501NotImplemented);
            if (route.IsPublic)
                endpoint.AllowAnonymous();
            else
                endpoint.RequirePermission("api", "access", route.Permission);
        }
    }
}

/// <param name="Service">Which service it waits for, as people call it.</param>
/// <param name="Permission">The part of the API that its caller must have access to.</param>
internal sealed record PendingRoute(string Method, string Path, string Service, string Permission = "/api/v1/chat")
{
    public bool IsPublic { get; init; }
}

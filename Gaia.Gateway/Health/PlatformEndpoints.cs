using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Gateway.Health;

internal static class PlatformEndpoints
{
    private static readonly PlatformInfo Info = new(
        "LLM Platform API is running",
        new Dictionary<string, string> { ["v0.2"] = "/api/v0.2", ["v0.3"] = "/api/v0.3", ["v1"] = "/api/v1" },
        "Send X-API-Key or Authorization: Bearer with every request; GET /health shows every service.");

    internal static void AddPlatformHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck<DatabaseProbe>(DatabaseProbe.Name);
        builder.Services.AddSingleton<PlatformProbe>();
    }

    internal static void MapPlatform(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", static () => TypedResults.Json(Info, PlatformJson.Default.PlatformInfo))
            .WithTags("Platform")
            .WithSummary("The versions of the API")
            .Produces<PlatformInfo>()
            .AllowAnonymous();
        routes.MapGet("/health", GetHealthAsync)
            .WithTags("Platform")
            .WithSummary("Whether every service is well")
            .WithDescription("Always 200; `status` is `healthy`, `degraded` or `unhealthy`.")
            .Produces<PlatformHealth>()
            .AllowAnonymous()
            .DisableRateLimiting();
    }

    private static async Task<JsonHttpResult<PlatformHealth>> GetHealthAsync(PlatformProbe probe, CancellationToken cancellationToken) =>
        TypedResults.Json(await probe.GetAsync(cancellationToken), PlatformJson.Default.PlatformHealth);
}

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Health;

internal static class HealthEndpoints
{
    private static readonly Probe Well = new("healthy", []);

    internal static void AddHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<IPostConfigureOptions<HealthCheckServiceOptions>, BoundHealthChecks>();
        builder.Services.AddSingleton<HealthSnapshot>();
        builder.Services.AddHostedService<ServiceAnnouncer>();
    }

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        // The gateway has a /health of its own, about all services.
        if (routes.ServiceProvider.GetRequiredService<ServiceInfo>().Name != "gateway")
            routes.MapGet("/health", GetHealthAsync).WithSummary("Whether this service is well").AllowAnonymous().DisableRateLimiting();
        routes.MapGet("/alive", static () => TypedResults.Json(Well, HealthJson.Default.Probe)).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        routes.MapGet("/ready", GetReadyAsync).AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
    }

    private static async Task<JsonHttpResult<Probe>> GetReadyAsync(HealthSnapshot snapshot, CancellationToken cancellationToken)
    {
        var report = await snapshot.GetAsync(cancellationToken);
        string[] failing = [.. report.Entries.Where(IsBlocking).Select(entry => entry.Key)];
        return failing is []
            ? TypedResults.Json(Well, HealthJson.Default.Probe)
            : TypedResults.Json(new Probe("unhealthy", failing), HealthJson.Default.Probe, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<JsonHttpResult<ServiceHealth>> GetHealthAsync(
        ServiceInfo service,
        HealthSnapshot snapshot,
        TimeProvider time,
        EndpointDataSource endpoints,
        IEnumerable<HealthDetail> details,
        IServiceProvider services,
        bool? include_routes,
        CancellationToken cancellationToken)
    {
        var report = await snapshot.GetAsync(cancellationToken);
        var healthy = !report.Entries.Any(IsBlocking);
        var nats = Component(report, "NATS");
        var body = new ServiceHealth(
            service.Name,
            healthy ? "healthy" : "unhealthy",
            service.Version,
            time.GetUtcNow().UtcDateTime,
            report.Entries.Any(entry => entry.Value.Tags.Contains(HealthTags.Database))
                ? new ComponentHealth(report.Entries.All(entry => !entry.Value.Tags.Contains(HealthTags.Database) || IsHealthy(entry.Value)) ? "healthy" : "unhealthy")
                : null,
            Component(report, "StackExchange.Redis"),
            nats,
            nats.Status == "healthy",
            include_routes == true ? Describe(endpoints) : null)
        {
            Details = details.ToDictionary(detail => detail.Name, detail => detail.Read(services)),
        };
        return TypedResults.Json(body, HealthJson.Default.ServiceHealth,
            statusCode: healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static bool IsHealthy(HealthReportEntry entry) => entry.Status == HealthStatus.Healthy;

    private static bool IsBlocking(KeyValuePair<string, HealthReportEntry> entry) =>
        entry.Value.Tags.Contains(HealthTags.Ready) && !IsHealthy(entry.Value);

    /// <summary>The client packages register their checks under these names.</summary>
    private static ComponentHealth Component(HealthReport report, string check) =>
        new(report.Entries.TryGetValue(check, out var entry) && IsHealthy(entry) ? "healthy" : "unhealthy");

    private static List<RouteDescription> Describe(EndpointDataSource endpoints) =>
        [.. endpoints.Endpoints.OfType<RouteEndpoint>()
            .OrderBy(endpoint => endpoint.RoutePattern.RawText, StringComparer.Ordinal)
            .Select(endpoint => new RouteDescription(
                "/" + endpoint.RoutePattern.RawText?.TrimStart('/'),
                endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [],
                endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IEndpointSummaryMetadata>()?.Summary,
                endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null))];
}

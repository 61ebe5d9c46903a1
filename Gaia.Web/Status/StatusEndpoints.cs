using Gaia.ServiceDefaults.Health;
using Gaia.ServiceDefaults.Http;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Status;

internal static class StatusEndpoints
{
    internal const string FragmentPath = "/health/fragment";

    internal static void AddStatus(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(static services =>
            new Coalesced<PlatformStatus>(TimeSpan.FromSeconds(0.5), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddServiceClient(nameof(GatewayClient), "gateway", GatewayClient.Limit)
            .ConfigureHttpClient(static http => http.MaxResponseContentBufferSize = 64 * 1024)
            .AddTypedClient<GatewayClient>();
        builder.Services.AddTransient<PlatformMonitor>();
    }

    internal static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/status", GetPageAsync).AllowAnonymous().NeedsNoSession();
        routes.MapGet(FragmentPath, GetFragmentAsync).AllowAnonymous().NeedsNoSession();
    }

    private static async Task<RazorComponentResult<StatusPage>> GetPageAsync(PlatformMonitor monitor, HttpResponse response, CancellationToken cancellationToken)
    {
        var status = await monitor.GetAsync(cancellationToken);
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<StatusPage>(new { Status = status });
    }

    /// <summary>The status board, for a page that shows it already.</summary>
    /// <param name="seen">The fingerprint of what the page shows.</param>
    private static async Task<RazorComponentResult<StatusUpdate>> GetFragmentAsync(
        string? seen, PlatformMonitor monitor, HttpResponse response, CancellationToken cancellationToken)
    {
        var status = await monitor.GetAsync(cancellationToken);
        response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<StatusUpdate>(new { Status = status, Changes = status.ChangesSince(seen) });
    }
}

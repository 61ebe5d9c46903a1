using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Gaia.Web.Status;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Admin;

/// <summary>The pages for those who administer.</summary>
internal static class AdminEndpoints
{
    private const int LatestEntries = 8;

    internal static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/admin").RequireAuthorization().AddEndpointFilter(AdminRules.ExplainAsync);
        pages.MapGet("", ShowOverviewAsync).Administers();
        pages.MapUsers();
        pages.MapKeys();
        pages.MapAudit();
        pages.MapFigures();
    }

    private static async Task<RazorComponentResult<OverviewPage>> ShowOverviewAsync(HttpContext http, GatewayApi gateway, PlatformMonitor monitor, CancellationToken cancellationToken)
    {
        var platform = monitor.GetAsync(cancellationToken);
        var summary = gateway.GetAsync(AdminPaths.Summary, AdminJson.Default.SummaryReport, cancellationToken).OrNullAsync();
        var seesAudit = AuditEndpoints.Rule.Allows(WebUser.From(http.User));
        var latest = seesAudit
            ? gateway.GetAsync(AdminText.Url(AdminPaths.Audit, ("limit", LatestEntries)), AdminJson.Default.AuditEntries, cancellationToken).OrNullAsync()
            : Task.FromResult<AuditEntries?>(null);
        return new RazorComponentResult<OverviewPage>(new { Platform = await platform, Summary = await summary, Latest = await latest, SeesAudit = seesAudit });
    }
}

using Gaia.Web.Errors;
using Gaia.Web.Home;
using Gaia.Web.Status;

namespace Gaia.Web;

public static class WebExtensions
{
    public static void AddWeb(this WebApplicationBuilder builder)
    {
        // Outside Development and before publishing, too, so that a plain build serves its pages' files.
        builder.WebHost.UseStaticWebAssets();
        builder.AddWebSettings();
        builder.Services.AddRazorComponents();
        builder.Services.AddSingleton<BrowserLibraries>();
        builder.AddErrorPages();
        builder.AddStatus();
    }

    public static void MapWeb(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseErrorPages();
        app.MapStaticAssets().AllowAnonymous();
        app.MapHome();
        app.MapStatus();
    }
}

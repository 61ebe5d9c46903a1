using Gaia.ServiceDefaults.Http;
using Gaia.Web.Account;
using Gaia.Web.Admin;
using Gaia.Web.Chat;
using Gaia.Web.Design;
using Gaia.Web.Errors;
using Gaia.Web.Gateway;
using Gaia.Web.Live;
using Gaia.Web.Profile;
using Gaia.Web.Sessions;
using Gaia.Web.Shared;
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
        builder.Services.AddTrustedProxies();
        builder.Services.AddRequestLimits();
        builder.AddErrorPages();
        builder.AddSessions();
        builder.Services.AddGateway();
        builder.Services.AddChat();
        builder.Services.AddLive();
        builder.AddStatus();
    }

    public static void MapWeb(this WebApplication app)
    {
        app.UseTrustedProxies();
        app.UseSecurityHeaders();
        app.UseErrorPages();
        app.UseAdministration();
        app.UseSessions();
        app.UseWebSockets();
        app.MapStaticAssets().AllowAnonymous();
        app.MapAccount();
        app.MapChat();
        app.MapLive();
        app.MapShared();
        app.MapProfile();
        app.MapAdministration();
        app.MapStatus();
        app.MapDesign();
    }
}

using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Events;
using Gaia.Web.Sessions.KeyRing;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;

namespace Gaia.Web.Sessions;

internal static class SessionExtensions
{
    internal const string Cookie = "session";

    /// <summary>How long somebody stays signed in without doing anything.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>How long at most, whatever is done.</summary>
    internal static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(30);

    /// <summary>All replicas and the other services together stay below PostgreSQL's limit.</summary>
    private const int MaxConnections = 10;

    internal static void AddSessions(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddGaiaDatabase<WebDbContext>(MaxConnections);
        services.AddKeyRing();
        services.AddHttpContextAccessor();
        services.AddSingleton<SessionCache>();
        services.AddSingleton<SessionStore>();
        services.AddEventConsumer<SessionEndedEvent, SessionEndedConsumer>(SessionEndedEvent.EndedSubject);
        services.AddEventConsumer<CredentialsRevokedEvent, RevokedTokensConsumer>(CredentialsRevokedEvent.RevokedSubject);
        services.AddEventConsumer<PermissionsChangedEvent, ChangedUsersConsumer>(PermissionsChangedEvent.ChangedSubject);
        services.AddSingleton<SessionCleanup>();
        services.AddHostedService(static provider => provider.GetRequiredService<SessionCleanup>());
        services.AddSingleton<TokenRefresher>();
        services.AddScoped<SignIn>();
        services.AddCascadingValue(static provider => WebUser.From(provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.User)!);

        services.AddAuthorization();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<SessionStore>(static (cookie, store) =>
        {
            cookie.Cookie = new SecureCookie { Name = Cookie, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true };
            cookie.ExpireTimeSpan = Lifetime;
            cookie.SlidingExpiration = true;
            cookie.SessionStore = store;
            cookie.Events.OnRedirectToLogin = static context => SignedOutHandler.AnswerAsync(context.HttpContext);
            cookie.Events.OnRedirectToAccessDenied = static context =>
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            };
        });
        services.AddAntiforgery(static antiforgery =>
        {
            antiforgery.Cookie = new SecureCookie { Name = "antiforgery", HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true };
            antiforgery.HeaderName = AntiforgeryMiddleware.Header;
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services.Insert(0, ServiceDescriptor.Singleton<IExceptionHandler, SignedOutHandler>());
    }

    internal static void UseSessions(this WebApplication app) => app.UseMiddleware<AntiforgeryMiddleware>();
}

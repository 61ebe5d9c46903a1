using Gaia.ServiceDefaults.Http;
using Gaia.Web.Errors;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Admin;

/// <summary>An endpoint of the administration, and what a person must be allowed there: one of these. What counts in the end, the gateway decides.</summary>
internal sealed record Administers(params string[] Actions)
{
    internal bool Allows(WebUser? user) => user is { IsAdmin: true } && (Actions is [] || Actions.Any(action => user.May("admin", action)));
}

internal static class AdminRules
{
    /// <summary>
    /// For whoever may not administer, nothing is there. In front of the check of forms, which would tell that something is.
    /// </summary>
    internal static void UseAdministration(this IApplicationBuilder app) => app.Use(static async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Administers>() is not { } rule
            || rule.Allows(WebUser.From(context.User)) || (IsTimeToAsk(context) && rule.Allows(await RenewAsync(context))))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
    });

    /// <summary>Whoever may not administer can try as often as he likes.</summary>
    private static bool IsTimeToAsk(HttpContext http) =>
        http.Features.Get<CurrentSession>() is not { } session || http.RequestServices.GetRequiredService<SessionCache>().TryRenew(session.Id);

    /// <summary>Says of the person what holds now: a role may have been given, or taken, since the login.</summary>
    /// <returns>Null when it cannot be known.</returns>
    internal static async Task<WebUser?> RenewAsync(HttpContext http)
    {
        try
        {
            var user = await http.RequestServices.GetRequiredService<SignIn>().RenewUserAsync(http.RequestAborted);
            http.User = user.ToPrincipal();
            return user;
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException { Dependency: "gateway" })
        {
            return null;
        }
    }

    internal static TBuilder Administers<TBuilder>(this TBuilder endpoint, params string[] actions) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new Administers(actions));

    /// <summary>One place for what the gateway refuses or does not answer, where a handler has nothing better to show.</summary>
    internal static async ValueTask<object?> ExplainAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            return await next(context);
        }
        catch (GatewayException refused) when (refused.Status == StatusCodes.Status403Forbidden)
        {
            await RenewAsync(http);
            return http.Request.IsHtmx() ? new LeadResult("/") : TypedResults.NotFound();
        }
        catch (GatewayException refused) when (refused.IsNotFound)
        {
            return TypedResults.NotFound();
        }
        catch (GatewayException refused)
        {
            return Explain(http, refused.Status, refused.Detail);
        }
        catch (DependencyUnavailableException exception) when (exception.Dependency == "gateway")
        {
            return Explain(http, StatusCodes.Status503ServiceUnavailable, "The gateway, or a service behind it, does not answer. Try again in a moment.");
        }
    }

    /// <summary>A page says it where the page would be; htmx gets what becomes a toast.</summary>
    private static IResult Explain(HttpContext http, int status, string text) => http.Request.IsHtmx() || !ErrorPages.WantsPage(http.Request)
        ? LegacyResults.Error(status, text)
        : new RazorComponentResult<ProblemPage>(new { Text = text }) { StatusCode = status };

    /// <summary>A part of a page that the rest can do without.</summary>
    /// <returns>Null when the gateway does not tell.</returns>
    internal static async Task<T?> OrNullAsync<T>(this Task<T> part) where T : class
    {
        try
        {
            return await part;
        }
        catch (Exception exception) when (exception is GatewayException or DependencyUnavailableException { Dependency: "gateway" })
        {
            return null;
        }
    }
}

using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gaia.ServiceDefaults.Identity.Services;

public static class CallingServiceExtensions
{
    private const string Gateway = "gateway";
    private static readonly object ItemKey = new();

    /// <summary>For the services of Gaia alone: 401 without a service identity, whoever the user may be.</summary>
    public static TBuilder RequireService<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(new AuthorizationPolicy([new CallingServiceRequirement()], [IdentityExtensions.Scheme]));

    /// <summary>The service that makes this request, by any of the registered proofs; null for anybody else.</summary>
    /// <exception cref="Http.DependencyUnavailableException">It cannot be told now.</exception>
    public static async ValueTask<string?> GetCallingServiceAsync(this HttpContext context)
    {
        if (context.Items.TryGetValue(ItemKey, out var known))
            return (string?)known;

        string? name = null;
        foreach (var proof in context.RequestServices.GetServices<ICallingServiceProof>())
            name ??= await proof.FindAsync(context);
        context.Items[ItemKey] = name;
        return name;
    }

    /// <summary>Where the client is that this request is made for: what the gateway says, or else the other end of the connection.</summary>
    public static async ValueTask<IPAddress?> GetClientAddressAsync(this HttpContext context) =>
        context.Request.Headers["X-Forwarded-For"] is [{ Length: > 0 } forwarded]
        && IPAddress.TryParse(forwarded.AsSpan(0, forwarded.IndexOf(',') is var comma and >= 0 ? comma : forwarded.Length), out var address)
        && await context.GetCallingServiceAsync() == Gateway
            ? address
            : context.Connection.RemoteIpAddress;
}

internal sealed class CallingServiceRequirement : IAuthorizationRequirement;

internal sealed class CallingServiceHandler : AuthorizationHandler<CallingServiceRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, CallingServiceRequirement requirement)
    {
        if (context.Resource is HttpContext request && await request.GetCallingServiceAsync() is not null)
            context.Succeed(requirement);
    }
}

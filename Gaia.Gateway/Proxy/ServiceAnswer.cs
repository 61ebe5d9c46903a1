using Gaia.ServiceDefaults.Identity.Services;
using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>What of a service's headers is not for clients, and what it tells the gateway.</summary>
internal static class ServiceAnswer
{
    /// <summary>Origins are the gateway's decision, and what a service runs on is nobody's business.</summary>
    private static readonly string[] Withheld =
    [
        "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Server", "X-Powered-By",
    ];

    internal static ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var headers = context.HttpContext.Response.Headers;
        foreach (var name in Withheld)
            headers.Remove(name);
        if (headers.Remove(ServiceHeaders.CredentialRefused))
            context.HttpContext.Features.Set(RefusedCredential.Instance);
        return ValueTask.CompletedTask;
    }
}

using System.Net.Http.Headers;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// Services never see a client's credential, only the internal token that stands for it, and the gateway's own identity in
/// place of any that a client claims.
/// </summary>
internal static class ForwardedIdentity
{
    internal static ValueTask ApplyAsync(RequestTransformContext context, ServiceTokens identity)
    {
        var headers = context.ProxyRequest.Headers;
        foreach (var header in ServiceHeaders.All)
            headers.Remove(header);
        if (identity.Current is { } own)
            headers.TryAddWithoutValidation(ServiceHeaders.Token, own);
        headers.Remove("X-API-Key");
        headers.Remove("Cookie");
        headers.Authorization = context.HttpContext.GetInternalToken() is { } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;
        return ValueTask.CompletedTask;
    }
}

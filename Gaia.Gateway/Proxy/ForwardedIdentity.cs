using System.Net.Http.Headers;
using Gaia.ServiceDefaults.Identity;
using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>Services never see a client's credential, only the internal token that stands for it.</summary>
internal static class ForwardedIdentity
{
    internal static ValueTask ApplyAsync(RequestTransformContext context)
    {
        var headers = context.ProxyRequest.Headers;
        headers.Remove("X-API-Key");
        headers.Remove("Cookie");
        headers.Authorization = context.HttpContext.GetInternalToken() is { } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;
        return ValueTask.CompletedTask;
    }
}

using System.Net.Http.Headers;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Services;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// Services never see a client's credential, only the internal token that stands for it, and the gateway's own identity in
/// place of any that a client claims. Except where a route says so: Auth has to see the token that is to be logged out.
/// </summary>
internal static class ForwardedIdentity
{
    /// <summary>In a route's metadata, with the value <c>forwarded</c>: its service gets the credential as the client sent it.</summary>
    private const string ClientCredential = "ClientCredential";

    internal static void AddTo(TransformBuilderContext route, ServiceTokens identity)
    {
        var isForwarded = route.Route.Metadata?.GetValueOrDefault(ClientCredential) == "forwarded";
        route.AddRequestTransform(request => ApplyAsync(request, identity, isForwarded));
    }

    private static ValueTask ApplyAsync(RequestTransformContext context, ServiceTokens identity, bool isForwarded)
    {
        var headers = context.ProxyRequest.Headers;
        foreach (var header in ServiceHeaders.All)
            headers.Remove(header);
        if (identity.Current is { } own)
            headers.TryAddWithoutValidation(ServiceHeaders.Token, own);
        headers.Remove("Cookie");
        if (isForwarded)
            return ValueTask.CompletedTask;
        headers.Remove("X-API-Key");
        headers.Authorization = context.HttpContext.GetInternalToken() is { } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;
        return ValueTask.CompletedTask;
    }
}

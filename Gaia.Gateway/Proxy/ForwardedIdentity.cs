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

    internal static void AddTo(TransformBuilderContext route, ServiceTokens own)
    {
        var isForwarded = route.Route.Metadata?.GetValueOrDefault(ClientCredential) == "forwarded";
        route.AddRequestTransform(request => ApplyAsync(request, own, isForwarded));
    }

    private static ValueTask ApplyAsync(RequestTransformContext context, ServiceTokens own, bool isForwarded)
    {
        var headers = context.ProxyRequest.Headers;
        foreach (var header in ServiceHeaders.All)
            headers.Remove(header);
        if (own.Current is { } token)
            headers.TryAddWithoutValidation(ServiceHeaders.Token, token);
        headers.Remove("Cookie");
        if (isForwarded)
            return ValueTask.CompletedTask;
        headers.Remove("X-API-Key");
        headers.Remove("Authorization");
        if (context.HttpContext.User.Identity is GaiaIdentity identity)
            headers.TryAddWithoutValidation("Authorization", identity.Authorization);
        return ValueTask.CompletedTask;
    }
}

using Gaia.ServiceDefaults.Http;
using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>How a request looks to a service, apart from who sends it.</summary>
internal static class ForwardedRequest
{
    internal static ValueTask ApplyAsync(RequestTransformContext context)
    {
        if (context.HttpContext.IsHead())
            context.ProxyRequest.Method = HttpMethod.Head;
        // The gateway compresses for the client, and has to read the errors of a service.
        context.ProxyRequest.Headers.AcceptEncoding.Clear();
        return ValueTask.CompletedTask;
    }
}

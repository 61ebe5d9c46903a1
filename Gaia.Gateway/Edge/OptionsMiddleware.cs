using Yarp.ReverseProxy.Model;

namespace Gaia.Gateway.Edge;

/// <summary>
/// Answers OPTIONS on the routes to the services. It asks for no credential and no service, so it names every method that the
/// gateway relays: which of them a path has, the OpenAPI document says. On the gateway's own paths routing knows it exactly.
/// </summary>
internal sealed class OptionsMiddleware(RequestDelegate next)
{
    private const string Relayed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsOptions(context.Request.Method) || context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is null)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.Allow = Relayed;
        return Task.CompletedTask;
    }
}

using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Gateway.Edge;

/// <summary>
/// Makes the gateway the edge of the trace: what a client says of a trace of its own is gone before anything can look at it. It would
/// name, switch off or fill the traces of every service. Here, because the framework begins its activity before the first middleware,
/// the instrumentation reads the headers by a propagator of its own, and the proxy relays what is left.
/// </summary>
internal sealed class OwnTraces(IServiceProvider services) : IHttpContextFactory
{
    /// <summary>Of W3C, and of .NET before it.</summary>
    private static readonly string[] Headers = ["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"];

    private readonly DefaultHttpContextFactory _factory = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var context = _factory.Create(featureCollection);
        foreach (var header in Headers)
            context.Request.Headers.Remove(header);
        return context;
    }

    public void Dispose(HttpContext httpContext) => _factory.Dispose(httpContext);
}

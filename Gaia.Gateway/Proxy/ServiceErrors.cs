using System.Text;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>How the failure of a service looks to a client (contract 1.5).</summary>
internal static class ServiceErrors
{
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>
    /// A service's own error becomes <c>{"detail":"Service error: {raw body}"}</c>, which legacy clients take apart again.
    /// A 404, a 405 and a 429 keep their body: they say what is not there, and when to come again. Only these short bodies are read
    /// here. Whatever else a service sends passes as it comes, so that nothing looks into JSON that succeeded: a gateway that
    /// checked it would have to hold every answer, streams among them, until its end.
    /// </summary>
    internal static async ValueTask WrapAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not { } response || Passes((int)response.StatusCode, context.HttpContext.GetReverseProxyFeature().Route.Config))
            return;

        context.SuppressResponseBody = true;
        var cancellationToken = context.HttpContext.RequestAborted;
        var raw = await ReadAsync(response, cancellationToken);
        var headers = context.HttpContext.Response.Headers;
        headers.ContentLength = null;
        headers.ContentType = default;
        headers.ContentEncoding = default;
        headers.ETag = default;
        await context.HttpContext.WriteErrorAsync((int)response.StatusCode, $"Service error: {raw}");
    }

    /// <summary>A service that could not be reached becomes a 503 in the contract's shape, unless the client was to blame.</summary>
    internal static async Task ReportAsync(HttpContext context, Func<Task> next)
    {
        var cluster = context.GetReverseProxyFeature().Cluster.Config;
        var service = cluster.ClusterId;
        if (!context.RequestServices.GetRequiredService<ServiceAddresses>().IsKnown(cluster))
        {
            await context.WriteErrorAsync(StatusCodes.Status503ServiceUnavailable, $"Service {service} not available");
            return;
        }

        await next();
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted)
            return;
        // A limit of ours cancels the request just as a client that leaves does.
        var timedOut = context.Features.Get<IHttpRequestTimeoutFeature>()?.RequestTimeoutToken.IsCancellationRequested == true;
        if (context.RequestAborted.IsCancellationRequested && !timedOut)
            return;

        switch (failure.Error)
        {
            case var _ when IsTooLarge(failure.Exception):
                await context.WriteErrorAsync(StatusCodes.Status413PayloadTooLarge, "Request body is too large");
                break;
            case ForwarderError.RequestBodyClient:
                await context.WriteErrorAsync(StatusCodes.Status400BadRequest, "The request body could not be read to its end");
                break;
            default:
                context.Response.Headers.RetryAfter = "1";
                await context.WriteErrorAsync(StatusCodes.Status503ServiceUnavailable, $"Service {service} unavailable");
                break;
        }
    }

    /// <summary>Whether a body comes as the service made it. A route's metadata may say so of its 400, which the legacy gateway made itself, in another shape.</summary>
    internal static bool Passes(int status, RouteConfig route) =>
        status is < 400 or 404 or 405 or 429 || (status == 400 && route.Metadata?.GetValueOrDefault("BadRequests") == "unwrapped");

    /// <summary>Kestrel's own exception, which the proxy may have wrapped together with what the broken upload caused at the service.</summary>
    private static bool IsTooLarge(Exception? exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode == StatusCodes.Status413PayloadTooLarge,
        AggregateException several => several.InnerExceptions.Any(IsTooLarge),
        _ => exception?.InnerException is { } inner && IsTooLarge(inner),
    };

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxErrorBytes];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}

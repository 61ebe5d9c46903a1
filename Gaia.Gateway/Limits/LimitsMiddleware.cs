using System.Globalization;
using Gaia.Gateway.Proxy;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Model;

namespace Gaia.Gateway.Limits;

/// <summary>
/// Takes a permit for every request and tells the client how it stands. Stands behind authentication, so that a caller is
/// counted as who it is, whatever header its credential came in.
/// </summary>
internal sealed class LimitsMiddleware(
    RequestDelegate next, BucketTable buckets, Limiter limiter, StreamSlots streams, FailedAuthenticationGate failures, IOptions<LimitsOptions> options, TimeProvider time)
{
    private readonly bool _enabled = options.Value.Enabled;

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (!_enabled || endpoint?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
            return next(context);

        var taking = limiter.TakeAsync(buckets.For(context));
        return taking.IsCompletedSuccessfully ? ContinueAsync(context, endpoint, taking.Result) : WaitAsync(context, endpoint, taking);
    }

    private async Task WaitAsync(HttpContext context, Endpoint? endpoint, ValueTask<Admission> taking) => await ContinueAsync(context, endpoint, await taking);

    private Task ContinueAsync(HttpContext context, Endpoint? endpoint, Admission admission)
    {
        // When the answer begins: what a service says, or an error that clears the headers, must not stand against it.
        context.Response.OnStarting(static state => ((Standing)state).WriteAsync(), new Standing(context.Response, admission, time));
        if (!admission.IsGranted)
            return Refusal.WriteAsync(context, admission);

        var route = endpoint?.Metadata.GetMetadata<RouteModel>()?.Config.Metadata;
        if (IsUpgrade(context) || Says(route, "Streams"))
            return StreamAsync(context);
        return Says(route, "Login") ? LoginAsync(context) : next(context);
    }

    private async Task StreamAsync(HttpContext context)
    {
        if (streams.TryOpen(context) is not { } slot)
        {
            LimitMetrics.CountStream();
            await context.WriteLimitedAsync(
                string.Create(CultureInfo.InvariantCulture, $"Too many open streams: at most {streams.Max} at once. Close one first"), TimeSpan.FromSeconds(1));
            return;
        }

        using (slot)
            await next(context);
    }

    /// <summary>A password is a credential, too: a refused one counts as such.</summary>
    private async Task LoginAsync(HttpContext context)
    {
        if (!failures.TryEnter(context, out var retryAfter))
        {
            await context.WriteLimitedAsync(failures.Describe(context), retryAfter);
            return;
        }

        var failed = false;
        try
        {
            await next(context);
            failed = context.Response.StatusCode is StatusCodes.Status400BadRequest or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden
                || context.Features.Get<RefusedCredential>() is not null;
        }
        finally
        {
            await failures.LeaveAsync(context, failed);
        }
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static bool Says(IReadOnlyDictionary<string, string>? route, string name) =>
        route is not null && route.TryGetValue(name, out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// <c>X-RateLimit-Limit</c>: requests per period; <c>-Remaining</c>: how many may follow at once; <c>-Reset</c>: when the whole
    /// burst is there again, in seconds since 1970.
    /// </summary>
    private sealed class Standing(HttpResponse response, Admission admission, TimeProvider time)
    {
        public Task WriteAsync()
        {
            var headers = response.Headers;
            headers["X-RateLimit-Limit"] = admission.Bucket.LimitText;
            headers["X-RateLimit-Remaining"] = admission.Remaining.ToString(CultureInfo.InvariantCulture);
            headers["X-RateLimit-Reset"] = (((time.GetUtcNow() + admission.FullAfter).ToUnixTimeMilliseconds() + 999) / 1000).ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        }
    }
}

namespace Gaia.Gateway.Edge;

/// <summary>
/// What a browser may do with an answer. The gateway alone decides it, whatever a service said, and says it on every answer,
/// errors included.
/// </summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // As late as possible: the exception handler clears what was set before, and the proxy adds what the service said.
        context.Response.OnStarting(static state =>
        {
            Apply((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    private static void Apply(HttpContext context)
    {
        var content = context.GetEndpoint()?.Metadata.GetMetadata<ContentRules>() ?? ContentRules.Api;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = content.SecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = content.ResourcePolicy;
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = "max-age=31536000";
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
    }
}

/// <summary>What a browser may do with the content of an endpoint; metadata of the endpoint.</summary>
/// <param name="SecurityPolicy"><c>Content-Security-Policy</c>.</param>
/// <param name="ResourcePolicy"><c>Cross-Origin-Resource-Policy</c>.</param>
internal sealed record ContentRules(string SecurityPolicy, string ResourcePolicy)
{
    /// <summary>
    /// Data, never a page. Pages of other origins may embed it (a generated image, say): nothing here is given out for a
    /// cookie, so that a page gets no more than it could ask for without a browser.
    /// </summary>
    internal static readonly ContentRules Api = new("default-src 'none'; frame-ancestors 'none'", "cross-origin");

    /// <summary>A page of the gateway's own, whose scripts, styles and requests are all its own, too.</summary>
    internal static readonly ContentRules Page = new(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "same-origin");
}

using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Telemetry;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Gaia.Web.Errors;

/// <summary>Answers a browser with a page where other clients get the error body of the wire.</summary>
internal static class ErrorPages
{
    private static readonly object Mark = new();

    internal static void AddErrorPages(this WebApplicationBuilder builder) =>
        // The first handler that takes an exception has it, so that this one has to come before the wire's.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IExceptionHandler, ErrorPageHandler>());

    internal static void UseErrorPages(this IApplicationBuilder app) => app.UseStatusCodePages(static pages =>
        WantsPage(pages.HttpContext.Request)
            ? WriteAsync(pages.HttpContext, pages.HttpContext.Response.StatusCode)
            : Task.CompletedTask);

    internal static bool WantsPage(HttpRequest request) =>
        !request.IsHtmx() && request.GetTypedHeaders().Accept.Any(static accepted => accepted.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the page that is being rendered is one of these: it holds no form, and needs nothing that may be away.</summary>
    internal static bool IsErrorPage(HttpContext context) => context.Items.ContainsKey(Mark);

    internal static Task WriteAsync(HttpContext context, int status, string? requestId = null, string? text = null)
    {
        context.Items[Mark] = Mark;
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        return new RazorComponentResult<ErrorPage>(new { Status = status, RequestId = requestId, Explanation = text }) { StatusCode = status }.ExecuteAsync(context);
    }
}

internal sealed partial class ErrorPageHandler(ILogger<ErrorPageHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
            return false;
        if (!ErrorPages.WantsPage(httpContext.Request))
        {
            if (exception is not GatewayException refusal)
                return false;
            await httpContext.WriteErrorAsync(refusal.Status, refusal.Detail);
            return true;
        }

        var status = exception switch
        {
            DependencyUnavailableException => StatusCodes.Status503ServiceUnavailable,
            var _ when DatabaseOutage.Is(exception) => StatusCodes.Status503ServiceUnavailable,
            GatewayException refused => refused.Status,
            BadHttpRequestException bad => bad.StatusCode,
            _ => StatusCodes.Status500InternalServerError,
        };
        if (status >= StatusCodes.Status500InternalServerError)
            LogFailed(exception, httpContext.Request.Method, RedactedPath.Of(httpContext.Request.Path));
        await ErrorPages.WriteAsync(httpContext, status, httpContext.TraceIdentifier);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, PathString path);
}

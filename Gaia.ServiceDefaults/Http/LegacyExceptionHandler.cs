using System.Net;
using Gaia.ServiceDefaults.Data;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gaia.ServiceDefaults.Http;

/// <summary>Turns what a request threw into the error body of the contract. Nothing of an exception's text reaches a client.</summary>
internal sealed partial class LegacyExceptionHandler(ILogger<LegacyExceptionHandler> logger) : IExceptionHandler
{
    /// <summary>nginx's code for a client that left; no one reads it, but it keeps the logs honest.</summary>
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        switch (exception)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                await httpContext.WriteErrorAsync(StatusCodes.Status413PayloadTooLarge, "Request body is too large");
                break;
            case BadHttpRequestException bad when bad.InnerException is System.Text.Json.JsonException json:
                await LegacyResults.Invalid("json_invalid", JsonMessage(json), "body").ExecuteAsync(httpContext);
                break;
            case BadHttpRequestException bad when UnboundParameter.Explain(bad, httpContext) is { } mistake:
                await mistake.ExecuteAsync(httpContext);
                break;
            case BadHttpRequestException bad:
                await httpContext.WriteErrorAsync(bad.StatusCode, Explain(bad));
                break;
            case DependencyUnavailableException unavailable:
                LogUnavailable(unavailable.Dependency, unavailable.InnerException?.Message);
                await Unavailable(httpContext, unavailable.Dependency);
                break;
            case var _ when DatabaseOutage.Is(exception):
                LogUnavailable("database", exception.GetBaseException().Message);
                await Unavailable(httpContext, "database");
                break;
            default:
                LogUnhandled(exception, httpContext.Request.Method, httpContext.Request.Path);
                await httpContext.WriteErrorAsync((int)HttpStatusCode.InternalServerError, "Internal server error");
                break;
        }

        return true;
    }

    private static Task Unavailable(HttpContext context, string dependency)
    {
        context.Response.Headers.RetryAfter = "1";
        return context.WriteErrorAsync(StatusCodes.Status503ServiceUnavailable, $"Service {dependency} unavailable");
    }

    private static string JsonMessage(System.Text.Json.JsonException json) =>
        json.LineNumber is { } line
            ? $"The body is not valid JSON for this route: look at {json.Path ?? "$"}, line {line + 1}, position {json.BytePositionInLine}"
            : "The body is not valid JSON for this route";

    private static string Explain(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status415UnsupportedMediaType => "Send the body as application/json",
        StatusCodes.Status408RequestTimeout => "The request body arrived too slowly",
        _ => "The request could not be read: check its body and parameters",
    };

    [LoggerMessage(LogLevel.Warning, "{Dependency} does not answer: {Reason}")]
    private partial void LogUnavailable(string dependency, string? reason);

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogUnhandled(Exception exception, string method, PathString path);
}

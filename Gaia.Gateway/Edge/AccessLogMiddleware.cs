using System.Net;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Gaia.Gateway.Edge;

/// <summary>
/// One line a request, written when its answer has ended. It holds nothing into which a client puts a secret: no query, header
/// or body, and of <c>User-Agent</c> only the names of products with their versions.
/// </summary>
internal sealed partial class AccessLogMiddleware(RequestDelegate next, TimeProvider time, ILogger<AccessLogMiddleware> logger)
{
    private const int MaxPathLength = 200;

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    public Task InvokeAsync(HttpContext context)
    {
        var level = context.Request.Path.Value is "/health" or "/alive" or "/ready" ? LogLevel.Debug : LogLevel.Information;
        if (!_logger.IsEnabled(level))
            return next(context);

        var body = new CountedResponseBody(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        context.Features.Set<IHttpResponseBodyFeature>(body);
        // Remembered now: the exception handler takes the endpoint away, and the end of a connection its address.
        context.Response.OnCompleted(static state => ((Visit)state).WriteAsync(), new Visit(
            this, context, level, _time.GetTimestamp(), body, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText, context.Connection.RemoteIpAddress));
        return next(context);
    }

    /// <summary>Encoded, so that no path can begin a line of its own in a log.</summary>
    private static string Describe(PathString path)
    {
        var text = RedactedPath.Of(path).ToUriComponent();
        return text.Length <= MaxPathLength ? text : $"{text.AsSpan(0, MaxPathLength)}...";
    }

    [LoggerMessage("{Method} {Route} {Path} {Status} in {DurationMs} ms, {Bytes} bytes, user {UserId} key {KeyId} from {Client} request {RequestId} by {UserAgent}")]
    private static partial void LogRequest(
        ILogger logger,
        LogLevel level,
        string method,
        string route,
        string path,
        int status,
        double durationMs,
        long bytes,
        Guid? userId,
        Guid? keyId,
        IPAddress? client,
        string requestId,
        string userAgent);

    private sealed class Visit(
        AccessLogMiddleware log, HttpContext context, LogLevel level, long started, CountedResponseBody body, string? route, IPAddress? client)
    {
        public Task WriteAsync()
        {
            var request = context.Request;
            var path = Describe(request.Path);
            var took = Math.Round(log._time.GetElapsedTime(started).TotalMilliseconds, 1);
            var sent = HttpMethods.IsHead(request.Method) ? 0 : body.Bytes;
            var caller = (context.User.Identity as GaiaIdentity)?.Caller;
            var agent = UserAgents.Products(request.Headers.UserAgent.ToString());
            LogRequest(
                log._logger, level, request.Method, route ?? "-", path, context.Response.StatusCode, took, sent,
                caller?.UserId, caller?.ApiKeyId, client, context.TraceIdentifier, agent);
            return Task.CompletedTask;
        }
    }
}

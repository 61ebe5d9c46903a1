using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace OpenTelemetry.Instrumentation.AspNetCore;

public class AspNetCoreTraceInstrumentationOptions
{
    /// <summary>Whether a request is traced; one that throws counts as false.</summary>
    public Func<HttpContext, bool>? Filter { get; set; }

    public Action<Activity, HttpRequest>? EnrichWithHttpRequest { get; set; }

    public Action<Activity, HttpResponse>? EnrichWithHttpResponse { get; set; }

    public bool RecordException { get; set; }
}

/// <summary>Fills the activities that ASP.NET Core starts, as OpenTelemetry's HTTP conventions want them.</summary>
internal sealed class AspNetCoreInstrumentation : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private static readonly string[] KnownMethods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "CONNECT", "QUERY"];

    private readonly AspNetCoreTraceInstrumentationOptions _options;
    private readonly List<IDisposable> _subscriptions = [];

    public AspNetCoreInstrumentation(AspNetCoreTraceInstrumentationOptions options)
    {
        _options = options;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.AspNetCore")
        {
            _subscriptions.Add(value.Subscribe(this, (name, _, _) => name.StartsWith("Microsoft.AspNetCore.Hosting.HttpRequestIn", StringComparison.Ordinal)
                || name is "Microsoft.AspNetCore.Hosting.UnhandledException" or "Microsoft.AspNetCore.Diagnostics.UnhandledException"));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (Activity.Current is not { IsAllDataRequested: true } activity)
        {
            return;
        }

        if (value.Key.EndsWith("HttpRequestIn.Start", StringComparison.Ordinal) && value.Value is HttpContext started)
        {
            OnStart(activity, started);
        }
        else if (value.Key.EndsWith("HttpRequestIn.Stop", StringComparison.Ordinal) && value.Value is HttpContext stopped)
        {
            OnStop(activity, stopped);
        }
        else if (value.Key.EndsWith("UnhandledException", StringComparison.Ordinal)
            && GetException(value.Value) is { } exception)
        {
            activity.SetTag("error.type", exception.GetType().FullName);
            if (_options.RecordException)
            {
                activity.AddException(exception);
            }

            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    public void OnError(Exception error)
    {
    }

    public void OnCompleted()
    {
    }

    private void OnStart(Activity activity, HttpContext context)
    {
        var request = context.Request;
        if (!Passes(context))
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        activity.DisplayName = SpanMethod(request.Method, "HTTP");
        activity.SetTag("http.request.method", SpanMethod(request.Method, "_OTHER"));
        if (SpanMethod(request.Method, "_OTHER") != request.Method)
        {
            activity.SetTag("http.request.method_original", request.Method);
        }

        if (request.Host.HasValue)
        {
            activity.SetTag("server.address", request.Host.Host);
            activity.SetTag("server.port", request.Host.Port);
        }

        if (request.Headers.UserAgent is [{ Length: > 0 } agent, ..])
        {
            activity.SetTag("user_agent.original", agent);
        }

        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("url.path", request.PathBase.HasValue || request.Path.HasValue ? (request.PathBase + request.Path).ToString() : "/");
        if (request.QueryString.HasValue)
        {
            activity.SetTag("url.query", Redact(request.QueryString.Value!));
        }

        activity.SetTag("network.protocol.version", request.Protocol.Split('/')[^1]);
        _options.EnrichWithHttpRequest?.Invoke(activity, request);
    }

    private void OnStop(Activity activity, HttpContext context)
    {
        var endpoint = context.GetEndpoint() ?? context.Items["__OriginalEndpoint"] as Endpoint;
        if (endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route is { } route)
        {
            route = route.Length == 0 ? "/" : route;
            activity.DisplayName = $"{SpanMethod(context.Request.Method, "HTTP")} {route}";
            activity.SetTag("http.route", route);
        }

        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        if (activity.Status == ActivityStatusCode.Unset && context.Response.StatusCode >= 500)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }

        _options.EnrichWithHttpResponse?.Invoke(activity, context.Response);
    }

    private bool Passes(HttpContext context)
    {
        try
        {
            return _options.Filter?.Invoke(context) ?? true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static string SpanMethod(string method, string other) => KnownMethods.FirstOrDefault(known => known.Equals(method, StringComparison.OrdinalIgnoreCase)) ?? other;

    /// <summary>Values of a query may be secrets, so only the names are kept.</summary>
    private static string Redact(string query) =>
        "?" + string.Join('&', query[1..].Split('&').Select(pair => pair.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? pair[..at] + "=Redacted" : pair));

    // The payload of these events is an anonymous type.
    private static Exception? GetException(object? payload) =>
        payload?.GetType().GetProperty("exception", BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.GetValue(payload) as Exception;
}

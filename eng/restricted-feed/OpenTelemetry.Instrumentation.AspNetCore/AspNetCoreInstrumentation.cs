using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace OpenTelemetry.Instrumentation.AspNetCore;

public class AspNetCoreTraceInstrumentationOptions
{
    public Func<HttpContext, bool>? Filter { get; set; }
}

/// <summary>Fills the activities that ASP.NET Core starts, as OpenTelemetry's HTTP conventions want them.</summary>
internal sealed class AspNetCoreInstrumentation : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
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
            _subscriptions.Add(value.Subscribe(this, (name, _, _) => name.Contains("HttpRequestIn", StringComparison.Ordinal) || name.EndsWith("UnhandledException", StringComparison.Ordinal)));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (Activity.Current is not { IsAllDataRequested: true } activity)
            return;

        if (value.Value is not HttpContext context)
            OnException(activity, value.Value);
        else if (value.Key.EndsWith(".Start", StringComparison.Ordinal))
            OnStart(activity, context);
        else
            OnStop(activity, context);
    }

    public void OnError(Exception error) { }

    public void OnCompleted() { }

    private void OnStart(Activity activity, HttpContext context)
    {
        var request = context.Request;
        if (_options.Filter?.Invoke(context) == false)
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        activity.DisplayName = request.Method;
        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("server.address", request.Host.HasValue ? request.Host.Host : null);
        activity.SetTag("server.port", request.Host.Port);
        activity.SetTag("user_agent.original", request.Headers.UserAgent is [{ Length: > 0 } agent, ..] ? agent : null);
        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("url.path", (request.PathBase + request.Path).ToString());
        activity.SetTag("url.query", Redact(request.QueryString.Value));
        activity.SetTag("network.protocol.version", request.Protocol.Split('/')[^1]);
    }

    // What this event carries is an anonymous type; its property is "exception" or "Exception".
    private static void OnException(Activity activity, object? value)
    {
        var exception = value?.GetType().GetProperties().FirstOrDefault(property => property.PropertyType == typeof(Exception))?.GetValue(value);
        activity.SetTag("error.type", exception?.GetType().FullName).SetStatus(ActivityStatusCode.Error);
    }

    private static void OnStop(Activity activity, HttpContext context)
    {
        var endpoint = context.GetEndpoint() ?? context.Items["__OriginalEndpoint"] as Endpoint;
        if (endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route is { } route)
        {
            route = route.Length == 0 ? "/" : route;
            activity.DisplayName = $"{context.Request.Method} {route}";
            activity.SetTag("http.route", route);
        }

        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        if (activity.Status == ActivityStatusCode.Unset && context.Response.StatusCode >= 500)
            activity.SetStatus(ActivityStatusCode.Error);
    }

    // Values of a query may be secrets, so only the names are kept.
    private static string? Redact(string? query) =>
        string.IsNullOrEmpty(query) ? null : "?" + string.Join('&', query[1..].Split('&').Select(pair => pair.Split('=') is [var name, _, ..] ? name + "=Redacted" : pair));
}

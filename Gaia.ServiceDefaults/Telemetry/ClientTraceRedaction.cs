using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Gaia.ServiceDefaults.Telemetry;

/// <summary>
/// Takes out of the trace of a call what <see cref="RedactedPath"/> takes out of that of a request: the client's own instrumentation
/// hides the query of an address, not its path. A listener, as the tags are set when the activity has begun.
/// </summary>
internal sealed class ClientTraceRedaction : IHostedService, IDisposable
{
    private const string Tag = "url.full";

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = static source => source.Name == "System.Net.Http",
        ActivityStopped = Redact,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(_listener);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private static void Redact(Activity activity)
    {
        if (activity.GetTagItem(Tag) is not string url || !Uri.TryCreate(url, UriKind.Absolute, out var address))
            return;
        var path = PathString.FromUriComponent(address);
        if (RedactedPath.Of(path) is var redacted && redacted != path)
            activity.SetTag(Tag, address.GetLeftPart(UriPartial.Authority) + redacted.ToUriComponent());
    }
}

using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Gaia.ServiceDefaults.Telemetry;

/// <summary>
/// Takes what a client wrote freely out of the trace of its request: the instrumentation keeps the names of a query and the whole
/// <c>User-Agent</c>, and clients put secrets there, too. The gateway logs the products that a <c>User-Agent</c> names.
/// </summary>
internal sealed class TraceRedaction : IStartupFilter
{
    private static readonly string[] Tags = ["user_agent.original", "url.query"];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(following => context =>
        {
            // Not the framework's own activity: the instrumentation may have put another one in its place.
            if (Activity.Current is { IsAllDataRequested: true } activity)
            {
                foreach (var tag in Tags)
                    activity.SetTag(tag, null);
                var path = RedactedPath.Of(context.Request.Path);
                if (path != context.Request.Path)
                    activity.SetTag("url.path", path.Value);
            }

            return following(context);
        });
        next(app);
    };
}

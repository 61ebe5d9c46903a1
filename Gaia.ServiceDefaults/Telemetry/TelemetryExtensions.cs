using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Gaia.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    /// <summary>Characters of an attribute of a span. What runs several statements at once names them all in one.</summary>
    private const string MaxAttribute = "4096";

    /// <summary>Paths that something polls; a trace of each poll would bury the requests of people.</summary>
    private static readonly PathString[] Polled = ["/health", "/alive", "/ready"];

    private static readonly string[] Quiet =
        ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "System.Net.Http", "StackExchange.Redis", "NATS.Client", "Yarp", "Polly"];

    /// <summary>The clients of Aspire observe themselves, unless these say otherwise.</summary>
    private static readonly string[] ClientTelemetry =
    [
        "Npgsql:EntityFrameworkCore:PostgreSQL:DisableTracing", "Npgsql:EntityFrameworkCore:PostgreSQL:DisableMetrics",
        "NATS:Net:DisableTracing", "StackExchange:Redis:DisableTracing",
    ];

    /// <summary>
    /// Traces, metrics and logs over OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector.
    /// The sources of Npgsql, NATS and Redis are added with their clients.
    /// </summary>
    internal static void AddTelemetry(this WebApplicationBuilder builder, ServiceInfo service)
    {
        // What these say at Information is about every request or every start, and the traces say it better.
        foreach (var category in Quiet)
            builder.Logging.AddFilter(category, LogLevel.Warning);
        // As long as it may log anything, hosting adds the path as it was sent to every line of a log, and begins a trace of every
        // request, which every call to another service continues, though nobody collects it.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // Without a collector nobody reads it, and it would cost every request.
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            foreach (var setting in ClientTelemetry)
                builder.Configuration[$"Aspire:{setting}"] ??= "true";
            return;
        }

        builder.Configuration["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"] ??= MaxAttribute;
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        builder.Services.AddSingleton<IStartupFilter, TraceRedaction>();
        builder.Services.AddHostedService<ClientTraceRedaction>();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                builder.Configuration["OTEL_SERVICE_NAME"] ?? service.Name, serviceVersion: service.Version))
            .WithMetrics(metrics => metrics
                .AddMeter(GaiaTelemetry.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http"))
            .WithTracing(tracing => tracing
                .AddSource(GaiaTelemetry.Name)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !Polled.Any(path => context.Request.Path.StartsWithSegments(path)))
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }
}

using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Microsoft.Extensions.DependencyInjection;

public static class OpenTelemetryServicesExtensions
{
    public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
    {
        // First of all hosted services, so that what the others do at start is recorded.
        if (!services.Any(service => service.ImplementationType == typeof(TelemetryHostedService)))
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHostedService>());

        return new OpenTelemetryBuilder(services);
    }
}

internal sealed class TelemetryHostedService(IServiceProvider services) : IHostedService
{
    /// <summary>Resolving the providers is what starts instrumentation and exporters.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetService<MeterProvider>();
        services.GetService<TracerProvider>();
        services.GetService<LoggerProvider>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

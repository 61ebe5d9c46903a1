using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Configuration;
using Gaia.ServiceDefaults.Events;
using Gaia.ServiceDefaults.Health;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Gaia.ServiceDefaults;

public static class ServiceDefaultsExtensions
{
    /// <summary>
    /// What every service of Gaia has: telemetry, health, service discovery, resilient HTTP, the wire's JSON and errors,
    /// request ids, the event bus and the two-level cache. A database is added with <c>AddGaiaDatabase</c>.
    /// </summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        var service = ServiceInfo.From(builder.Environment);
        builder.Configuration.AddLegacyNames();
        builder.Services.AddSingleton(service);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // No handler blocks its thread, so that a request is handled where its bytes arrived, without a way through the thread pool's queue.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);

        builder.AddTelemetry(service);
        builder.AddHealth();
        builder.AddWire();
        builder.AddEventBus();
        builder.AddTwoLevelCache();
        return builder;
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/ready</c>.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth();
        return app;
    }
}

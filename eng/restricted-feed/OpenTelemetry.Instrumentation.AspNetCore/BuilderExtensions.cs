using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace OpenTelemetry.Trace
{
    public static class AspNetCoreInstrumentationTracerProviderBuilderExtensions
    {
        public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder) => AddAspNetCoreInstrumentation(builder, null);

        public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder, Action<AspNetCoreTraceInstrumentationOptions>? configureAspNetCoreTraceInstrumentationOptions)
        {
            // One instance however often this is called, as two would fill each activity twice.
            builder.ConfigureServices(services => services
                .Configure(configureAspNetCoreTraceInstrumentationOptions ?? (_ => { }))
                .TryAddSingleton(provider => new AspNetCoreInstrumentation(provider.GetRequiredService<IOptions<AspNetCoreTraceInstrumentationOptions>>().Value)));
            return builder.AddSource("Microsoft.AspNetCore").AddInstrumentation(provider => provider.GetRequiredService<AspNetCoreInstrumentation>());
        }
    }
}

namespace OpenTelemetry.Metrics
{
    public static class AspNetCoreInstrumentationMeterProviderBuilderExtensions
    {
        public static MeterProviderBuilder AddAspNetCoreInstrumentation(this MeterProviderBuilder builder) => builder.AddMeter(
            "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Diagnostics",
            "Microsoft.AspNetCore.RateLimiting", "Microsoft.AspNetCore.Authorization", "Microsoft.AspNetCore.Authentication", "Microsoft.AspNetCore.MemoryPool");
    }
}

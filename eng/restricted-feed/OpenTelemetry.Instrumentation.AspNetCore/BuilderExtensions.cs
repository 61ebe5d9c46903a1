using OpenTelemetry.Instrumentation.AspNetCore;

namespace OpenTelemetry.Trace;

public static class AspNetCoreInstrumentationTracerProviderBuilderExtensions
{
    public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder, Action<AspNetCoreTraceInstrumentationOptions>? configureAspNetCoreTraceInstrumentationOptions)
    {
        var options = new AspNetCoreTraceInstrumentationOptions();
        configureAspNetCoreTraceInstrumentationOptions?.Invoke(options);
        return builder.AddSource("Microsoft.AspNetCore").AddInstrumentation(() => new AspNetCoreInstrumentation(options));
    }
}

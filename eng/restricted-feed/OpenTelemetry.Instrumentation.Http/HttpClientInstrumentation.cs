namespace OpenTelemetry.Trace;

public static class HttpClientInstrumentationTracerProviderBuilderExtensions
{
    // .NET 10 fills the activity by itself: name, tags, status and errors.
    public static TracerProviderBuilder AddHttpClientInstrumentation(this TracerProviderBuilder builder) => builder.AddSource("System.Net.Http");
}

using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.DependencyInjection;

public static class ResilienceHttpClientBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder) => builder.AddStandardResilienceHandler(_ => { });

    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        var pipeline = new Pipelines($"{builder.Name}-standard", builder.Services);
        builder.Services.AddOptionsWithValidateOnStart<HttpStandardResilienceOptions, HttpStandardResilienceOptionsValidator>(pipeline.PipelineName).Configure(configure);
        builder.AddHttpMessageHandler(services => new ResilienceHandler(request => pipeline.Get(services, request)));

        // The pipeline limits the time instead.
        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
        return pipeline;
    }
}

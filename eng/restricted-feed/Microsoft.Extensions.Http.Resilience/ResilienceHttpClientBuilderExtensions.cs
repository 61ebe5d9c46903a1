using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.DependencyInjection;

public static class ResilienceHttpClientBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        var name = $"{builder.Name}-standard";
        var pipeline = new Pipelines(name);
        builder.Services.AddOptionsWithValidateOnStart<HttpStandardResilienceOptions>(name)
            .Configure(configure)
            .Validate(options => options.AttemptTimeout.Timeout <= options.TotalRequestTimeout.Timeout, "Total request timeout resilience strategy must have a greater timeout than the attempt resilience strategy.")
            .Validate(options => options.CircuitBreaker.SamplingDuration >= options.AttemptTimeout.Timeout * 2, "The sampling duration of circuit breaker strategy needs to be at least double of an attempt timeout strategy's timeout interval.");
        builder.AddHttpMessageHandler(services => new ResilienceHandler(request => pipeline.Get(services, request)));

        // The pipeline limits the time instead.
        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
        return pipeline;
    }
}

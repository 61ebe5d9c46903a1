using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.Http.Resilience
{
    public interface IHttpStandardResiliencePipelineBuilder
    {
        string PipelineName { get; }

        IServiceCollection Services { get; }
    }

    public static class HttpStandardResiliencePipelineBuilderExtensions
    {
        /// <summary>Gives each origin a circuit of its own; without it all requests of a client share one.</summary>
        public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Services.Configure<PipelineKeyOptions>(builder.PipelineName, options => options.ByAuthority = true);
            return builder;
        }
    }

    internal sealed class PipelineKeyOptions
    {
        public bool ByAuthority { get; set; }
    }

    /// <summary>The pipelines of one name: shared by all its handlers, as the state of a circuit must be.</summary>
    internal sealed class Pipelines(HttpStandardResilienceOptions options, bool byAuthority)
    {
        private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines = new();

        public ResiliencePipeline<HttpResponseMessage> Get(HttpRequestMessage request) => _pipelines.GetOrAdd(
            byAuthority ? request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "" : "",
            _ => new ResiliencePipelineBuilder<HttpResponseMessage>()
                .AddTimeout(options.TotalRequestTimeout)
                .AddRetry(options.Retry)
                .AddCircuitBreaker(options.CircuitBreaker)
                .AddTimeout(options.AttemptTimeout)
                .Build());
    }

    internal sealed class ResilienceHandler(Pipelines pipelines) : DelegatingHandler
    {
        public static readonly ResiliencePropertyKey<HttpRequestMessage?> RequestMessage = new("Resilience.Http.RequestMessage");

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var context = ResilienceContextPool.Shared.Get(cancellationToken);
            context.Properties.Set(RequestMessage, request);
            try
            {
                return await pipelines.Get(request).ExecuteAsync(
                    async attempt => await base.SendAsync(request, attempt.CancellationToken).ConfigureAwait(false), context).ConfigureAwait(false);
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }
    }
}

namespace Microsoft.Extensions.DependencyInjection
{
    public static class ResilienceHttpClientBuilderExtensions
    {
        public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
        {
            ArgumentNullException.ThrowIfNull(builder);
            var name = $"{builder.Name}-standard";
            builder.Services.AddOptionsWithValidateOnStart<HttpStandardResilienceOptions, HttpStandardResilienceOptionsValidator>(name);
            builder.Services.AddKeyedSingleton(name, (services, _) => new Pipelines(
                services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>().Get(name),
                services.GetRequiredService<IOptionsMonitor<PipelineKeyOptions>>().Get(name).ByAuthority));
            builder.AddHttpMessageHandler(services => new ResilienceHandler(services.GetRequiredKeyedService<Pipelines>(name)));

            // The pipeline limits the time instead.
            builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
            return new Builder(name, builder.Services);
        }

        public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
        {
            var pipeline = builder.AddStandardResilienceHandler();
            pipeline.Services.Configure(pipeline.PipelineName, configure);
            return pipeline;
        }

        private sealed record Builder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;
    }
}

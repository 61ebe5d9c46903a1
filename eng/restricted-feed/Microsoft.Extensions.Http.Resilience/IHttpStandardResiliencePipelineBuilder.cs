using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Http.Resilience;

public interface IHttpStandardResiliencePipelineBuilder;

public static class HttpStandardResiliencePipelineBuilderExtensions
{
    /// <summary>Gives each origin a circuit of its own; without it all requests under one name share one.</summary>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
    {
        ((Pipelines)builder).ByAuthority = true;
        return builder;
    }
}

/// <summary>The pipelines of one name: shared by all its handlers, as the state of a circuit must be.</summary>
internal sealed class Pipelines(string name) : IHttpStandardResiliencePipelineBuilder
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines = new();

    public bool ByAuthority { get; set; }

    public ResiliencePipeline<HttpResponseMessage> Get(IServiceProvider provider, HttpRequestMessage request) =>
        _pipelines.GetOrAdd(ByAuthority ? request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "" : "", _ =>
        {
            var options = provider.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>().Get(name);
            return new ResiliencePipelineBuilder<HttpResponseMessage>()
                .AddTimeout(options.TotalRequestTimeout).AddRetry(options.Retry).AddCircuitBreaker(options.CircuitBreaker).AddTimeout(options.AttemptTimeout).Build();
        });
}

internal sealed class ResilienceHandler(Func<HttpRequestMessage, ResiliencePipeline<HttpResponseMessage>> select) : DelegatingHandler
{
    public static readonly ResiliencePropertyKey<HttpRequestMessage?> RequestMessage = new("Resilience.Http.RequestMessage");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(RequestMessage, request);
        try
        {
            return await select(request).ExecuteAsync(async attempt => await base.SendAsync(request, attempt.CancellationToken).ConfigureAwait(false), context).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}

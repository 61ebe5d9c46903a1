using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryServiceCollectionExtensions
{
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services)
    {
        services.TryAddSingleton<ServiceEndpointResolver>();
        return services;
    }
}

public static class ServiceDiscoveryHttpClientBuilderExtensions
{
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder httpClientBuilder)
    {
        httpClientBuilder.Services.TryAddSingleton<ServiceEndpointResolver>();
        return httpClientBuilder.AddHttpMessageHandler(services => new ResolvingHandler(services.GetRequiredService<ServiceEndpointResolver>()));
    }

    private sealed class ResolvingHandler(ServiceEndpointResolver resolver) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var original = request.RequestUri;
            request.RequestUri = original is null ? null : resolver.Resolve(original);
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                request.RequestUri = original;
            }
        }
    }
}

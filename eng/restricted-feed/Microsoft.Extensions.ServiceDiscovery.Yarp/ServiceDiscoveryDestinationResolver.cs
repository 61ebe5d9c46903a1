using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryReverseProxyServiceCollectionExtensions
{
    public static IReverseProxyBuilder AddServiceDiscoveryDestinationResolver(this IReverseProxyBuilder builder)
    {
        builder.Services.TryAddSingleton<ServiceEndpointResolver>();
        builder.Services.AddSingleton<IDestinationResolver, ServiceDiscoveryDestinationResolver>();
        return builder;
    }
}

internal sealed class ServiceDiscoveryDestinationResolver(ServiceEndpointResolver resolver) : IDestinationResolver
{
    public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        foreach (var (name, destination) in destinations)
        {
            var uri = new Uri(destination.Address);
            foreach (var endpoint in resolver.GetEndpoints(uri))
                resolved[$"{name}[{endpoint}]"] = destination with { Address = ServiceEndpointResolver.Combine(uri, endpoint).ToString() };
        }

        return ValueTask.FromResult(new ResolvedDestinationCollection(resolved, null));
    }
}

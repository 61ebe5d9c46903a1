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
    public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations,
        CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        foreach (var (name, destination) in destinations)
        {
            var uri = new Uri(destination.Address);
            var endpoints = resolver.GetEndpoints(uri);
            foreach (var endpoint in endpoints.Count == 0 ? [ServiceEndpointResolver.PassThrough(uri)] : endpoints)
            {
                var address = new UriBuilder(uri) { Scheme = endpoint.Scheme, Host = endpoint.Host, Port = endpoint.Port }.Uri.ToString();
                resolved[$"{name}[{endpoint}]"] = destination with { Address = address, Health = Move(destination.Health, endpoint) };
            }
        }

        return ValueTask.FromResult(new ResolvedDestinationCollection(resolved, resolver.ChangeToken));
    }

    private static string? Move(string? health, Uri endpoint) =>
        string.IsNullOrEmpty(health) ? health : new UriBuilder(health) { Host = endpoint.Host, Port = endpoint.Port }.Uri.ToString();
}

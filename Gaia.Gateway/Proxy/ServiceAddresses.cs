using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Configuration;

namespace Gaia.Gateway.Proxy;

/// <summary>
/// Whether the gateway was told where a service is. Service discovery passes on a name that it does not know, and the system
/// would look it up: it would find nothing, or something else, which then gets the caller's token.
/// </summary>
internal sealed class ServiceAddresses(IConfiguration configuration)
{
    // A cluster that changes is another object.
    private readonly ConditionalWeakTable<ClusterConfig, object> _known = [];
    private readonly object _yes = new();
    private readonly object _no = new();

    internal bool IsKnown(ClusterConfig cluster) => ReferenceEquals(_known.GetValue(cluster, found => Find(found) ? _yes : _no), _yes);

    private bool Find(ClusterConfig cluster) =>
        cluster.Destinations is { Count: > 0 } destinations
        && destinations.Values.All(destination =>
            !Uri.TryCreate(destination.Address, UriKind.Absolute, out var address)
            || !address.Host.Equals(cluster.ClusterId, StringComparison.OrdinalIgnoreCase)
            || configuration.GetSection($"Services:{cluster.ClusterId}").AsEnumerable().Any(setting => !string.IsNullOrEmpty(setting.Value)));
}

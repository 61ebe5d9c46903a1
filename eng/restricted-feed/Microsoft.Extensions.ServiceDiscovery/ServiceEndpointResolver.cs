using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Reads <c>Services:{name}:{endpoint}:{n}</c> from configuration; a name that is not there stands for itself.</summary>
internal sealed class ServiceEndpointResolver(IConfiguration configuration)
{
    private uint _next;

    /// <summary>Addresses whose origin may take the place of that of <paramref name="uri"/>.</summary>
    public IReadOnlyList<Uri> GetEndpoints(Uri uri)
    {
        var schemes = uri.Scheme.Split('+');
        var (endpoint, name) = Split(uri.Host);
        var service = configuration.GetSection("Services").GetSection(name);
        var section = (endpoint is null ? schemes : [endpoint]).Select(service.GetSection).FirstOrDefault(candidate => candidate.Exists());
        if (section is null)
            return [new UriBuilder(uri) { Scheme = schemes[0], Host = name }.Uri];

        var addresses = section.GetChildren().Select(child => new Uri(child.Value!)).ToList();
        var best = schemes.FirstOrDefault(scheme => addresses.Exists(address => address.Scheme == scheme));
        return addresses.FindAll(address => address.Scheme == best);
    }

    /// <summary>The address of one endpoint, the next one in turn, with the path and query of <paramref name="uri"/>.</summary>
    public Uri Resolve(Uri uri)
    {
        var endpoints = GetEndpoints(uri);
        return Combine(uri, endpoints[(int)(Interlocked.Increment(ref _next) % endpoints.Count)]);
    }

    public static Uri Combine(Uri uri, Uri endpoint) => new UriBuilder(uri) { Scheme = endpoint.Scheme, Host = endpoint.Host, Port = endpoint.Port }.Uri;

    // "_endpoint.name" asks for a named endpoint of a service.
    private static (string? Endpoint, string Name) Split(string host) =>
        host.StartsWith('_') && host.IndexOf('.', StringComparison.Ordinal) is > 1 and var dot && host[^1] != '.' ? (host[1..dot], host[(dot + 1)..]) : (null, host);
}

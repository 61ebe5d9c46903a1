using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Reads <c>Services:{name}:{endpoint}:{n}</c> from configuration; a name that is not there stands for itself.</summary>
internal sealed class ServiceEndpointResolver(IConfiguration configuration)
{
    private uint _next;

    public IChangeToken ChangeToken => configuration.GetReloadToken();

    /// <summary>Addresses to use instead of the origin of <paramref name="uri"/>, none when it is to be used as it is.</summary>
    public IReadOnlyList<Uri> GetEndpoints(Uri uri)
    {
        var schemes = uri.Scheme.Split('+');
        var (endpoint, name) = Split(uri.Host);
        var service = configuration.GetSection("Services").GetSection(name);
        var section = endpoint is null
            ? ((string[])["default", .. schemes]).Select(service.GetSection).FirstOrDefault(candidate => candidate.Exists())
            : service.GetSection(endpoint);
        if (!section.Exists())
            return [];

        var addresses = (string.IsNullOrWhiteSpace(section.Value) ? section.GetChildren() : [section])
            .Select(child => Parse(child, schemes[0], name))
            .ToList();
        var best = schemes.FirstOrDefault(scheme => addresses.Exists(address => address.Scheme == scheme));
        return addresses.FindAll(address => address.Scheme == best);
    }

    /// <summary>The address of one endpoint, the next one in turn, with the path and query of <paramref name="uri"/>.</summary>
    public Uri Resolve(Uri uri)
    {
        var endpoints = GetEndpoints(uri);
        return endpoints.Count == 0 ? PassThrough(uri) : Combine(uri, endpoints[(int)(Interlocked.Increment(ref _next) % endpoints.Count)]);
    }

    public static Uri Combine(Uri uri, Uri endpoint) => new UriBuilder(uri)
    {
        Scheme = endpoint.Scheme,
        Host = endpoint.Host,
        Port = endpoint.Port,
        Path = endpoint.AbsolutePath.Length > 1 ? $"{endpoint.AbsolutePath.TrimEnd('/')}/{uri.AbsolutePath.TrimStart('/')}" : uri.AbsolutePath,
    }.Uri;

    public static Uri PassThrough(Uri uri) => new UriBuilder(uri) { Scheme = uri.Scheme.Split('+')[0], Host = Split(uri.Host).Name }.Uri;

    // "_endpoint.name" asks for a named endpoint of a service.
    private static (string? Endpoint, string Name) Split(string host) =>
        host.StartsWith('_') && host.IndexOf('.', StringComparison.Ordinal) is > 1 and var dot && host[^1] != '.' ? (host[1..dot], host[(dot + 1)..]) : (null, host);

    private static Uri Parse(IConfigurationSection section, string scheme, string name) =>
        Uri.TryCreate(section.Value?.Contains("://", StringComparison.Ordinal) == true ? section.Value : $"{scheme}://{section.Value}", UriKind.Absolute, out var uri)
            ? uri
            : throw new KeyNotFoundException($"The endpoint configuration section for service '{name}' has an invalid value with key '{section.Key}'.");
}

using System.Text.RegularExpressions;
using Gaia.Gateway.Proxy;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace Gaia.Gateway.Reference;

/// <summary>Which paths of which service the gateway routes, as its configuration is now.</summary>
internal sealed partial class ExposedRoutes(IProxyStateLookup proxy, ServiceAddresses addresses)
{
    /// <summary>The services that a route leads to, and whether the gateway knows where they are.</summary>
    internal IReadOnlyList<(string Name, bool IsKnown)> Services() =>
        [.. proxy.GetRoutes()
            .Select(route => route.Cluster)
            .OfType<Yarp.ReverseProxy.Model.ClusterState>()
            .DistinctBy(cluster => cluster.ClusterId)
            .OrderBy(cluster => cluster.ClusterId, StringComparer.Ordinal)
            .Select(cluster => (cluster.ClusterId, addresses.IsKnown(cluster.Model.Config)))];

    /// <summary>The routes that take requests, the most specific first, as routing would choose.</summary>
    internal Matcher Read() => new([.. proxy.GetRoutes()
        .Select(route => route.Config)
        .Where(route => route.Match.Path is not null)
        .Select(route => new Route(route, new RouteTemplate(RoutePatternFactory.Parse(route.Match.Path!))))
        .OrderBy(route => route.Config.Order ?? 0)
        .ThenBy(route => RoutePrecedence.ComputeInbound(route.Template))]);

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameters();

    internal sealed class Matcher(IReadOnlyList<Route> routes)
    {
        /// <summary>The route that takes this path and method of a service's document; null when it is another service's, or nobody's.</summary>
        internal RouteConfig? Find(string service, string path, string method)
        {
            // A value that no literal segment of a route is.
            var sample = new PathString(Parameters().Replace(path, "~"));
            foreach (var route in routes)
            {
                if (route.Config.Match.Methods is { Count: > 0 } methods && !methods.Contains(method, StringComparer.OrdinalIgnoreCase))
                    continue;
                if (new TemplateMatcher(route.Template, []).TryMatch(sample, []))
                    return route.Config.ClusterId == service ? route.Config : null;
            }

            return null;
        }
    }

    internal sealed record Route(RouteConfig Config, RouteTemplate Template);
}

using System.Text.RegularExpressions;
using Gaia.Gateway.Proxy;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace Gaia.Gateway.Reference;

/// <summary>Which paths of which service the gateway routes, as its configuration is now.</summary>
internal sealed partial class ExposedRoutes(IProxyStateLookup proxy, ServiceAddresses addresses, ParameterPolicyFactory policies)
{
    /// <summary>Stands for the value of a parameter: what no literal segment of a route is.</summary>
    private const string Anything = "~";

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
        .Select(Parse)
        .OrderBy(route => route.Config.Order ?? 0)
        .ThenBy(route => RoutePrecedence.ComputeInbound(route.Template))]);

    private Route Parse(RouteConfig route)
    {
        var pattern = RoutePatternFactory.Parse(route.Match.Path!);
        var constraints = from parameter in pattern.Parameters
                          from policy in parameter.ParameterPolicies
                          let constraint = policies.Create(parameter, policy) as IRouteConstraint
                          where constraint is not null
                          select (parameter.Name, constraint);
        return new Route(route, new RouteTemplate(pattern), [.. constraints]);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameters();

    internal sealed class Matcher(IReadOnlyList<Route> routes)
    {
        /// <summary>The route that takes this path and method of a service's document; null when it is another service's, or nobody's.</summary>
        internal RouteConfig? Find(string service, string path, string method)
        {
            var sample = new PathString(Parameters().Replace(path, Anything));
            foreach (var route in routes)
            {
                if (route.Config.Match.Methods is { Count: > 0 } methods && !methods.Contains(method, StringComparer.OrdinalIgnoreCase))
                    continue;
                var values = new RouteValueDictionary();
                if (new TemplateMatcher(route.Template, []).TryMatch(sample, values) && route.Allows(values))
                    return route.Config.ClusterId == service ? route.Config : null;
            }

            return null;
        }
    }

    internal sealed record Route(RouteConfig Config, RouteTemplate Template, IReadOnlyList<(string Parameter, IRouteConstraint Constraint)> Constraints)
    {
        /// <summary>A parameter of the service's own path may have a value that fits.</summary>
        internal bool Allows(RouteValueDictionary values) => Constraints.All(item =>
            values.GetValueOrDefault(item.Parameter) is Anything || item.Constraint.Match(null, null, item.Parameter, values, RouteDirection.IncomingRequest));
    }
}

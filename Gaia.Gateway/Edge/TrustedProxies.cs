using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Gaia.Gateway.Edge;

/// <summary>The client's address when something stands in front of the gateway. Anybody can write the header; only a known proxy is believed.</summary>
internal static class TrustedProxies
{
    internal static void AddTrustedProxies(this IServiceCollection services)
    {
        services.AddOptions<EdgeOptions>().Validate(
            static edge => Parse(edge.TrustedProxies) is not null,
            "Edge:TrustedProxies must be a comma list of addresses and networks, such as 10.0.0.0/8, 192.0.2.1.");
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<EdgeOptions>>(static (forwarded, edge) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // Each address up to the first that is not a known proxy's.
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in Parse(edge.Value.TrustedProxies) ?? [])
                forwarded.KnownIPNetworks.Add(network);
        });
    }

    internal static void UseTrustedProxies(this WebApplication app)
    {
        // With no proxy known, the middleware would believe everybody.
        if (Parse(app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.TrustedProxies) is { Count: > 0 })
            app.UseForwardedHeaders();
    }

    /// <returns>Null when it is no such list.</returns>
    private static List<IPNetwork>? Parse(string list)
    {
        var networks = new List<IPNetwork>();
        foreach (var entry in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPNetwork.TryParse(entry, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(entry, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                return null;
        }

        return networks;
    }
}

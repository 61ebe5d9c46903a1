using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Gaia.ServiceDefaults.Http;

/// <summary>Who stands in front of a service that clients reach (section <c>Edge</c>).</summary>
public sealed class TrustedProxyOptions
{
    /// <summary>
    /// A comma list of addresses and networks (<c>10.0.0.0/8</c>): what they say in <c>X-Forwarded-For</c> and
    /// <c>X-Forwarded-Proto</c> is believed. Nobody is when it is empty.
    /// </summary>
    public string TrustedProxies { get; set; } = "";
}

/// <summary>The client's address when something stands in front of the service. Anybody can write the header; only a known proxy is believed.</summary>
public static class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services)
    {
        services.AddOptions<TrustedProxyOptions>()
            .Configure<IConfiguration>(static (options, configuration) => options.TrustedProxies = configuration["Edge:TrustedProxies"] ?? "")
            .Validate(
                static options => Parse(options.TrustedProxies) is not null,
                "Edge:TrustedProxies must be a comma list of addresses and networks, such as 10.0.0.0/8, 192.0.2.1.")
            .ValidateOnStart();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<TrustedProxyOptions>>(static (forwarded, trusted) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // Each address up to the first that is not a known proxy's.
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in Parse(trusted.Value.TrustedProxies) ?? [])
                forwarded.KnownIPNetworks.Add(network);
        });
    }

    public static void UseTrustedProxies(this WebApplication app)
    {
        // With no proxy known, the middleware would believe everybody.
        if (Parse(app.Services.GetRequiredService<IOptions<TrustedProxyOptions>>().Value.TrustedProxies) is { Count: > 0 })
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

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Gaia.AppHost;

/// <summary>
/// The port of everything that listens: fixed ones, all shifted by `Gaia:PortOffset`, or free ones
/// (`Gaia:RandomPorts`, and always under test).
/// </summary>
public sealed class Ports
{
    private const string FrontendUrls = "ASPNETCORE_URLS";

    private static readonly (string Name, int Port)[] Fixed =
    [
        ("gateway", 8666), ("web", 8080), ("auth", 8001), ("asset", 8002), ("chat", 8003), ("kb", 8004),
        ("postgres", 15432), ("redis", 16379), ("nats", 14222), ("nats-monitoring", 8222),
        ("dashboard", 18888), ("dashboard-otlp", 18889), ("dashboard-otlp-http", 18890),
    ];

    private readonly Dictionary<string, int> _ports;
    private readonly RunMode _mode;
    private readonly bool _random;
    private readonly int _offset;

    private Ports(RunMode mode, bool random, int offset)
    {
        (_mode, _random, _offset) = (mode, random, offset);
        var taken = new HashSet<int>();
        _ports = Fixed.ToDictionary(fix => fix.Name, fix => random ? Free(taken) : fix.Port + offset);
    }

    public int this[string name] => _ports[name];

    /// <summary>Null where a container may have any host port.</summary>
    public int? ForContainer(string name) => _mode == RunMode.Publish || _random ? null : _ports[name];

    public static Ports Of(IConfiguration configuration, RunMode mode) => new(
        mode, mode == RunMode.Test || configuration.GetValue<bool>("Gaia:RandomPorts"), configuration.GetValue<int>("Gaia:PortOffset"));

    /// <summary>The first port that something else listens on, as a line that says what to do, or null.</summary>
    public string? Problem()
    {
        if (_mode == RunMode.Publish || _random) return null;
        foreach (var (name, port) in _ports)
        {
            if (port is < 1 or > 65535) return $"Port {port} for {name} does not exist: choose another Gaia:PortOffset than {_offset}.";
            if (IsFree(port)) continue;
            var owner = PortOwner.Find(port) is { } process ? $" by {process}" : "";
            return $"Port {port} for {name} is taken{owner}. Stop that process, or shift all ports with --port-offset N (setting Gaia:PortOffset).";
        }

        return null;
    }

    public static string? DashboardUrl(IConfiguration configuration)
        => configuration[FrontendUrls]?.Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.TrimEnd('/');

    /// <summary>Says where the dashboard listens and how to log in; what the environment (a launch profile) says holds for unshifted ports.</summary>
    internal void GiveToDashboard(ConfigurationManager configuration, DataRoot data)
    {
        void Set(string key, string value)
        {
            if (_random || _offset != 0 || string.IsNullOrEmpty(configuration[key])) configuration[key] = value;
        }

        string Url(string name) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{_ports[name]}");
        Set(FrontendUrls, Url("dashboard"));
        Set("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", Url("dashboard-otlp"));
        Set("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", Url("dashboard-otlp-http"));
        if (string.IsNullOrEmpty(configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"])) configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        if (string.IsNullOrEmpty(configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"])) configuration["AppHost:BrowserToken"] = data.Secret("dashboard-token");
    }

    /// <summary>What listens on `localhost` listens on both of its addresses.</summary>
    private static bool IsFree(int port) => IsFree(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || IsFree(IPAddress.IPv6Loopback, port));

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }

    /// <summary>Below the range from which the kernel takes ports for outgoing connections, so that none of those gets in between.</summary>
    private static int Free(HashSet<int> taken)
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 32000);
            if (taken.Add(port) && IsFree(port)) return port;
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Gaia.Gateway.Limits;

/// <summary>The address a client is counted by. Whoever has an IPv6 address has 2^64 of them: the network counts, not the host.</summary>
internal static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>As 16 bytes; all zero for a connection without an address, as over a Unix socket.</summary>
    public static Guid Id(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address?.AddressFamily == AddressFamily.InterNetwork)
        {
            // As IPv6 maps it.
            bytes[10] = bytes[11] = 0xFF;
            address.TryWriteBytes(bytes[12..], out _);
        }
        else if (address is not null)
        {
            address.TryWriteBytes(bytes, out _);
            if (!address.IsIPv4MappedToIPv6)
                bytes[NetworkBytes..].Clear();
        }

        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>As in Redis keys: <c>192.0.2.7</c>, <c>2001:db8::/64</c>.</summary>
    public static string Name(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4().ToString() : $"{address}/64";
    }
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// What an API key looks like. Gaia's own: <c>gaia_sk_</c>, 43 random characters of base62 (256 bits), and the CRC-32 of all
/// that in 6 characters of base62, so that a mistyped or invented key is refused without a look-up and a leaked one is found by
/// scanners. Those of the legacy system are accepted in the three forms it gave out.
/// </summary>
public static partial class ApiKeyFormat
{
    public const string Prefix = "gaia_sk_";

    /// <summary>How much of a key may be shown again, so that its owner recognises it.</summary>
    public const int DisplayLength = 12;

    private const int RandomLength = 43;
    private const int ChecksumLength = 6;
    private const int MaxLegacyLength = 96;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Base62Characters = SearchValues.Create(Base62);
    private static readonly uint[] Crc32Table = MakeCrc32Table();

    /// <summary>A new key from the system's random generator.</summary>
    public static string Generate()
    {
        var body = Prefix + RandomNumberGenerator.GetString(Base62, RandomLength);
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(body, checksum);
        return string.Concat(body, checksum);
    }

    /// <summary>Whether <paramref name="value"/> may be an API key at all. Reads nothing but the value.</summary>
    public static bool IsAccepted(ReadOnlySpan<char> value) =>
        value.StartsWith(Prefix, StringComparison.Ordinal) ? IsOwn(value) : value.Length <= MaxLegacyLength && Legacy.IsMatch(value);

    private static bool IsOwn(ReadOnlySpan<char> value)
    {
        if (value.Length != Prefix.Length + RandomLength + ChecksumLength || value[Prefix.Length..].ContainsAnyExcept(Base62Characters))
            return false;
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(value[..^ChecksumLength], checksum);
        return value.EndsWith(checksum, StringComparison.Ordinal);
    }

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> checksum)
    {
        var crc = uint.MaxValue;
        foreach (var character in body)
            crc = (crc >> 8) ^ Crc32Table[(byte)(crc ^ character)];
        crc = ~crc;
        for (var i = checksum.Length - 1; i >= 0; i--, crc /= (uint)Base62.Length)
            checksum[i] = Base62[(int)(crc % (uint)Base62.Length)];
    }

    /// <summary>The reflected polynomial of ISO 3309, as in zip and PNG.</summary>
    private static uint[] MakeCrc32Table()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry >> 1) ^ ((entry & 1) * 0xEDB88320);
            table[i] = entry;
        }

        return table;
    }

    /// <summary>The legacy generator's, its database script's and its Supabase helper's; the development key is of the last form.</summary>
    [GeneratedRegex(@"\A(?:gaia_[A-Za-z0-9-]{1,20}_[A-Za-z0-9]{32}|gaia-[A-Za-z0-9]{1,20}-[0-9A-Fa-f]{64}|[A-Za-z0-9_-]{43})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Legacy { get; }
}

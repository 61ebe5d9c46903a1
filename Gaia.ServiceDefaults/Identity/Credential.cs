using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Gaia.ServiceDefaults.Identity;

public enum CredentialKind
{
    ApiKey,
    Jwt,
}

/// <summary>A secret that a request presented, of an accepted form; whether it is worth anything is not known yet.</summary>
/// <param name="Kind">What it looks like.</param>
/// <param name="Value">The secret: ASCII, never to be logged.</param>
public readonly record struct Credential(CredentialKind Kind, string Value)
{
    private const int MaxOnStack = 1024;

    /// <summary>SHA-256 in lower-case hex, as in <c>api_keys.key_hash</c>.</summary>
    public static string Hash(string value)
    {
        var size = Encoding.UTF8.GetMaxByteCount(value.Length);
        byte[]? rented = null;
        Span<byte> bytes = size <= MaxOnStack ? stackalloc byte[MaxOnStack] : rented = ArrayPool<byte>.Shared.Rent(size);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(value, bytes)], hash);
            return Convert.ToHexStringLower(hash);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>The contract's key in Redis for what is known of a credential.</summary>
    /// <param name="kind">The credential's kind.</param>
    /// <param name="hash">Its hash in hex, of which the first 32 digits are used.</param>
    public static string CacheKey(CredentialKind kind, string hash) =>
        string.Concat(kind == CredentialKind.Jwt ? "gaia:auth:jwt:v1:" : "gaia:auth:apikey:v1:", hash.AsSpan(0, 32));

    /// <summary>The kind alone: a secret must not reach a log by way of a format string.</summary>
    public override string ToString() => Kind.ToString();
}

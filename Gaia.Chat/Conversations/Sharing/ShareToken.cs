using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Gaia.Chat.Conversations.Sharing;

/// <summary>The secret in a link: 256 random bits in base64url.</summary>
internal static class ShareToken
{
    private const int Bytes = 32;
    private const int Length = 43;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether a text can be a token: what cannot is not looked for.</summary>
    public static bool IsPossible(string text) => text.Length == Length && Base64Url.IsValid(text);

    /// <summary>What is kept of it.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));
}

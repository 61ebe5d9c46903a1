using System.Buffers;
using System.Text;

namespace Gaia.Gateway.Edge;

/// <summary>What of a <c>User-Agent</c> header goes into the log.</summary>
internal static class UserAgents
{
    private const int MaxProducts = 4;
    private const int MaxProductLength = 48;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly SearchValues<char> VersionCharacters = SearchValues.Create("0123456789.");

    /// <summary>
    /// The products, <c>name/version</c>, at most four: <c>Mozilla/5.0 Chrome/141.0</c>. Comments and whatever else a client
    /// may have written are left out. <c>-</c> where there are none.
    /// </summary>
    internal static string Products(ReadOnlySpan<char> header)
    {
        StringBuilder? products = null;
        var count = 0;
        foreach (var range in header.Split(' '))
        {
            if (!IsProduct(header[range]))
                continue;
            products = (products ?? new StringBuilder()).Append(count == 0 ? "" : " ").Append(header[range]);
            if (++count == MaxProducts)
                break;
        }

        return products?.ToString() ?? "-";
    }

    private static bool IsProduct(ReadOnlySpan<char> word)
    {
        var slash = word.IndexOf('/');
        return slash > 0
            && slash < word.Length - 1
            && word.Length <= MaxProductLength
            && !word[..slash].ContainsAnyExcept(NameCharacters)
            && !word[(slash + 1)..].ContainsAnyExcept(VersionCharacters);
    }
}

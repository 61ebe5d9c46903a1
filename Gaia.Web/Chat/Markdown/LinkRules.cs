using System.Diagnostics.CodeAnalysis;

namespace Gaia.Web.Chat.Markdown;

/// <summary>Where a link in a message may lead: out, or to another place in the message. Never to an address of this site, which a model would choose.</summary>
internal static class LinkRules
{
    private static readonly string[] Schemes = ["http", "https", "mailto"];

    public static bool IsAllowed([NotNullWhen(true)] string? url)
    {
        if (string.IsNullOrWhiteSpace(url))
            return false;
        // Browsers skip these wherever they stand, so that "java\nscript:" is a scheme to them.
        var seen = string.Concat(url.Where(static character => !char.IsControl(character) && !char.IsWhiteSpace(character)));
        if (seen.StartsWith('#'))
            return true;
        var end = seen.IndexOfAny([':', '/', '?', '#']);
        // Without the slashes, http: is an address of the page's own site.
        return end > 0 && seen[end] == ':' && Schemes.Contains(seen[..end], StringComparer.OrdinalIgnoreCase)
            && (seen[..end].Equals("mailto", StringComparison.OrdinalIgnoreCase) || seen.AsSpan(end).StartsWith("://"));
    }
}

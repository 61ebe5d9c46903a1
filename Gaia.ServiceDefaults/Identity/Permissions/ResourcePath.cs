using System.Diagnostics.CodeAnalysis;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// The names of resources in one form: <c>/kb/users/1</c>. Case matters. A name that could mean another place, with <c>..</c>,
/// <c>.</c>, an empty segment, a backslash, a control character or any of these in percent-encoding in it, has none: nothing covers it.
/// </summary>
public static class ResourcePath
{
    /// <param name="path">With or without a slash in front or behind.</param>
    /// <param name="normal">The same string where it is in its normal form already.</param>
    public static bool TryNormalize(string path, [NotNullWhen(true)] out string? normal)
    {
        normal = null;
        var rest = path.AsSpan();
        if (rest.Length > 0 && rest[0] == '/')
            rest = rest[1..];
        if (rest.Length > 0 && rest[^1] == '/')
            rest = rest[..^1];
        if (rest.IsEmpty || ContainsForbidden(rest))
            return false;
        foreach (var range in rest.Split('/'))
        {
            if (rest[range] is "" or "." or "..")
                return false;
        }

        normal = path.Length == rest.Length + 1 && path[0] == '/' ? path : string.Concat("/", rest);
        return true;
    }

    private static bool ContainsForbidden(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (character == '\\' || char.IsControl(character))
                return true;
        }

        // Whoever decodes once too often must not end up elsewhere.
        return text.Contains("%2f", StringComparison.OrdinalIgnoreCase) || text.Contains("%5c", StringComparison.OrdinalIgnoreCase)
            || text.Contains("%2e", StringComparison.OrdinalIgnoreCase) || text.Contains("%00", StringComparison.Ordinal);
    }
}

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// Which resources of a type a grant covers:
/// <list type="bullet">
/// <item><c>*</c>, <c>/*</c> or nothing: all of them, and what is asked without a path.</item>
/// <item><c>/kb/shared/*</c>: <c>/kb/shared</c> and everything below it, at any depth.</item>
/// <item><c>/kb/teams/*/public</c>: <c>*</c> that is not the last segment stands for any characters within one segment.</item>
/// <item>All else: that very path. <c>/kb/ab</c> covers neither <c>/kb/abc</c> nor <c>/kb/ab/c</c>.</item>
/// </list>
/// A pattern whose text is no path (see <see cref="ResourcePath"/>) covers nothing.
/// </summary>
public sealed class PathPattern
{
    private static readonly PathPattern All = new("*", "", subtree: true);
    private static readonly PathPattern Nothing = new("", null, subtree: false);

    /// <summary>What the covered paths begin with, and are unless <see cref="_subtree"/>; null when nothing is covered.</summary>
    private readonly string? _root;

    private readonly bool _subtree;

    /// <summary>Whether <see cref="_root"/> has a <c>*</c> in it.</summary>
    private readonly bool _wild;

    private PathPattern(string text, string? root, bool subtree)
    {
        Text = text;
        _root = root;
        _subtree = subtree;
        _wild = root?.Contains('*', StringComparison.Ordinal) == true;
    }

    /// <summary>The pattern in its normal form: equal texts cover the same.</summary>
    public string Text { get; }

    /// <summary>Whether it covers every resource of its type.</summary>
    public bool IsEverything => ReferenceEquals(this, All);

    public static PathPattern Parse(string? text)
    {
        if (text is null or "" or "*" or "**" or "/*" or "/**")
            return All;
        var subtree = text.EndsWith("/*", StringComparison.Ordinal) || text.EndsWith("/**", StringComparison.Ordinal);
        var root = subtree ? text[..text.LastIndexOf('/')] : text;
        return ResourcePath.TryNormalize(root, out var normal) ? new PathPattern(subtree ? normal + "/*" : normal, normal, subtree) : Nothing;
    }

    /// <param name="path">In normal form; null asks for all resources of the type.</param>
    public bool Matches(string? path)
    {
        if (IsEverything)
            return true;
        if (path is null || _root is null)
            return false;
        return _wild ? MatchesSegments(_root, path) : IsAtOrBelow(path, _root) && (_subtree || path.Length == _root.Length);
    }

    /// <summary>Whether everything that <paramref name="other"/> covers is covered by this. Says no where it cannot tell.</summary>
    public bool Covers(PathPattern other)
    {
        if (IsEverything || other._root is null || Text == other.Text)
            return true;
        if (other.IsEverything || _root is null || _wild || !_subtree)
            return false;
        // What stands before the first wildcard is common to all that the other covers.
        var fixedPart = other._root.AsSpan();
        if (other._wild)
        {
            fixedPart = fixedPart[..fixedPart.IndexOf('*')];
            fixedPart = fixedPart[..fixedPart.LastIndexOf('/')];
        }

        return IsAtOrBelow(fixedPart, _root);
    }

    public override string ToString() => Text;

    private static bool IsAtOrBelow(ReadOnlySpan<char> path, ReadOnlySpan<char> root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');

    private bool MatchesSegments(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        // Both begin with a slash.
        while (!pattern.IsEmpty)
        {
            if (path.IsEmpty || !MatchesSegment(TakeSegment(ref pattern), TakeSegment(ref path)))
                return false;
        }

        return _subtree || path.IsEmpty;
    }

    private static ReadOnlySpan<char> TakeSegment(ref ReadOnlySpan<char> path)
    {
        var rest = path[1..];
        var end = rest.IndexOf('/');
        var segment = end < 0 ? rest : rest[..end];
        path = end < 0 ? [] : rest[end..];
        return segment;
    }

    /// <summary>Takes up at the last star after a mismatch, so that no pattern costs more than the product of both lengths.</summary>
    private static bool MatchesSegment(ReadOnlySpan<char> pattern, ReadOnlySpan<char> segment)
    {
        int at = 0, from = 0, star = -1, taken = 0;
        while (from < segment.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                taken = from;
            }
            else if (at < pattern.Length && pattern[at] == segment[from])
            {
                at++;
                from++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                from = ++taken;
            }
            else
            {
                return false;
            }
        }

        while (at < pattern.Length && pattern[at] == '*')
            at++;
        return at == pattern.Length;
    }
}

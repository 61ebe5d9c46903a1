namespace Gaia.Auth.Admin;

/// <summary>A part of a list: at most <paramref name="Limit"/> items from <paramref name="Offset"/> on.</summary>
internal readonly record struct Page(int Limit, int Offset)
{
    public const int MaxLimit = 200;
    private const int DefaultLimit = 50;
    private const int MaxOffset = 1_000_000;

    /// <summary>One more than is shown tells whether there are more.</summary>
    public int Fetched => Limit + 1;

    public static AdminError? TryRead(int? limit, int? offset, out Page page)
    {
        page = new Page(limit ?? DefaultLimit, offset ?? 0);
        if (page.Limit is < 1 or > MaxLimit)
            return AdminError.Invalid($"limit must be between 1 and {MaxLimit}");
        return page.Offset is < 0 or > MaxOffset ? AdminError.Invalid($"offset must be between 0 and {MaxOffset}") : null;
    }

    public Listing<T> Show<T>(List<T> fetched) =>
        new(fetched.Count > Limit ? fetched.GetRange(0, Limit) : fetched, Limit, Offset, HasMore: fetched.Count > Limit);
}

/// <summary>What a list is answered with.</summary>
/// <param name="Items">In their order.</param>
/// <param name="Limit">As asked, or the default.</param>
/// <param name="Offset">How many were left out before.</param>
/// <param name="HasMore">Whether there are more after these.</param>
public sealed record Listing<T>(IReadOnlyList<T> Items, int Limit, int Offset, bool HasMore);

namespace Gaia.Web.Sessions;

/// <summary>Addresses of this site that came with a request: everybody can write one.</summary>
internal static class LocalUrl
{
    private const int MaxLength = 2048;

    /// <summary>The address when it is a path of this site and safe in a header, otherwise null.</summary>
    public static string? Check(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && url.Length <= MaxLength && url.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !url.Contains('\\', StringComparison.Ordinal)
            ? url
            : null;

    /// <summary>Where to sign in, and afterwards back to this.</summary>
    public static string Login(string? returnUrl) =>
        Check(returnUrl) is { } back && back != "/" && !back.StartsWith("/login", StringComparison.Ordinal) && !back.StartsWith("/logout", StringComparison.Ordinal)
            ? $"/login?return_url={Uri.EscapeDataString(back)}"
            : "/login";
}

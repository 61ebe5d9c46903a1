namespace Gaia.Web;

/// <summary>How the pages look: in a cookie, so that the first byte of a page is right and a person who is not signed in has one, too.</summary>
internal static class Theme
{
    internal const string Cookie = "theme";
    internal const string Default = "dark";

    internal static IReadOnlyList<string> All { get; } = ["dark", "light", "system"];

    internal static string Of(HttpRequest request) => request.Cookies[Cookie] is { } theme && All.Contains(theme) ? theme : Default;

    internal static void Set(HttpContext context, string theme) => context.Response.Cookies.Append(Cookie, theme, new CookieOptions
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = TimeSpan.FromDays(365),
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
    });
}

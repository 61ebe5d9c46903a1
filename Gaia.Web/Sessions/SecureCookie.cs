using System.Net;

namespace Gaia.Web.Sessions;

/// <summary>A cookie that a browser sends back over an encrypted connection only, except to this machine itself, where there is none.</summary>
internal sealed class SecureCookie : CookieBuilder
{
    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var cookie = base.Build(context, expiresFrom);
        cookie.Secure = context.Request.IsHttps || !IsLoopback(context.Request.Host.Host);
        return cookie;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

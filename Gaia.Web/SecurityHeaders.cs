using System.Security.Cryptography;

namespace Gaia.Web;

internal static class SecurityHeaders
{
    private static readonly object Nonce = new();

    internal static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        // As late as possible: the exception handler clears what was set before.
        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            var headers = context.Response.Headers;
            // No 'self' for scripts: a file of ours runs where a page of ours says so, and modules run with the nonce of who imports them.
            headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'nonce-{context.CspNonce()}'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    /// <summary>What the scripts of this answer carry.</summary>
    internal static string CspNonce(this HttpContext context) =>
        context.Items[Nonce] as string ?? (string)(context.Items[Nonce] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
}

using System.Text;
using Gaia.Gateway.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Gateway.Reference;

/// <summary>The reference for people: a page that shows <c>/openapi.json</c>. All it runs is a file of the gateway's own.</summary>
internal static class DocsEndpoints
{
    private const string Script = "lib/swagger-ui/swagger-ui-bundle.js";

    internal static void MapDocs(this WebApplication app)
    {
        // Without Node there was nothing to bring along at the build.
        var page = Page(app.Environment.WebRootFileProvider.GetFileInfo(Script).Exists);
        app.MapStaticAssets().AllowAnonymous().WithMetadata(ContentRules.Page);
        app.MapGet("/docs", (HttpContext http) => Show(http, page)).WithMetadata(ContentRules.Page).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/redoc", static () => TypedResults.Redirect("/docs")).AllowAnonymous().ExcludeFromDescription();
    }

    private static ContentHttpResult Show(HttpContext http, string page)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Text(page, "text/html", Encoding.UTF8);
    }

    private static string Page(bool hasScript)
    {
        var head = hasScript
            ? """

                <link rel="stylesheet" href="/lib/swagger-ui/swagger-ui.css">
                <script src="/lib/swagger-ui/swagger-ui-bundle.js" defer></script>
                <script src="/docs/reference.js" defer></script>
              """
            : "";
        var main = hasScript
            ? """<p class="note">Loading the reference…</p><noscript><p class="note">The reference needs JavaScript. The same is in <a href="/openapi.json">/openapi.json</a>.</p></noscript>"""
            : """<p class="note">This gateway was built without Node, so that the page's scripts are missing. The same is in <a href="/openapi.json">/openapi.json</a>, for any OpenAPI viewer.</p>""";
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>LLM Platform API reference</title>
              <link rel="icon" href="data:,">{head}
              <link rel="stylesheet" href="/docs/reference.css">
            </head>
            <body>
              <a class="skip" href="#reference">To the reference</a>
              <main id="reference" tabindex="-1">{main}</main>
            </body>
            </html>

            """;
    }
}

using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Gateway.Reference;

/// <summary>The description of the whole public API: <c>/openapi.json</c>, and <c>/docs</c> for people.</summary>
internal static class ReferenceExtensions
{
    private const int MaxDocumentBytes = 8 * 1024 * 1024;

    internal static void AddReference(this WebApplicationBuilder builder)
    {
        builder.AddApiDescription();
        var client = builder.Services.AddHttpClient(ServiceDocuments.ClientName, static http =>
        {
            http.Timeout = TimeSpan.FromSeconds(2);
            http.MaxResponseContentBufferSize = MaxDocumentBytes;
        });
        client.ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        });
        builder.Services.AddSingleton<ServiceDocuments>();
        builder.Services.AddSingleton<ExposedRoutes>();
        builder.Services.AddSingleton<PublicApi>();
        // Outside Development and before publishing, too, so that a plain build serves the page's files.
        builder.WebHost.UseStaticWebAssets();
        // In Development there would be an endpoint for files that are not known yet, which takes every path.
        builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
    }

    internal static void MapReference(this WebApplication app)
    {
        app.MapDocument();
        app.MapDocs();
    }
}

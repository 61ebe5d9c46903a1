using Gaia.Asset.About;
using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Asset;

/// <summary>The asset service has its place in the stack and its health. Generation is added here.</summary>
public static class AssetExtensions
{
    public static WebApplicationBuilder AddAsset(this WebApplicationBuilder builder) => builder.AddApiDescription();

    public static void MapAsset(this WebApplication app)
    {
        app.MapApiDescription();
        app.MapAbout();
    }
}

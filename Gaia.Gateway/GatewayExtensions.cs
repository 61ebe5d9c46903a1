using Gaia.Gateway.Edge;
using Gaia.Gateway.Health;
using Gaia.Gateway.Legacy;
using Gaia.Gateway.Limits;
using Gaia.Gateway.Proxy;
using Gaia.Gateway.Reference;
using Gaia.Gateway.Usage;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway;

public static class GatewayExtensions
{
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        // Internal tokens are for services only: a client that shows one at the edge is refused.
        builder.AddIdentity(options => options.AcceptInternalTokens = false);
        builder.AddEdge();
        builder.AddLimits();
        builder.AddKeyUse();
        builder.AddPlatformHealth();
        builder.AddProxy();
        builder.AddReference();
    }

    public static void MapGateway(this WebApplication app)
    {
        app.UseEdge();
        app.MapPlatform();
        app.MapLegacy();
        app.MapLimits();
        app.MapReference();
        app.MapProxy();
    }
}

using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>The routes to the services, from the <c>ReverseProxy</c> section of appsettings.json.</summary>
internal static class ProxyExtensions
{
    internal static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServiceAddresses>();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(static context =>
            {
                context.AddRequestTransform(ForwardedIdentity.ApplyAsync);
                context.AddRequestTransform(ForwardedRequest.ApplyAsync);
                context.AddResponseTransform(ServiceAnswer.ApplyAsync);
                context.AddResponseTransform(ServiceErrors.WrapAsync);
            });
    }

    internal static void MapProxy(this WebApplication app) =>
        app.MapReverseProxy(static proxy => proxy.Use(ServiceErrors.ReportAsync));
}

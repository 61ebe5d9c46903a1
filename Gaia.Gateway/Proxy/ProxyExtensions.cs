using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Gaia.Gateway.Proxy;

/// <summary>The routes to the services, from the <c>ReverseProxy</c> section of appsettings.json.</summary>
internal static class ProxyExtensions
{
    internal static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServiceAddresses>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, ForwardedBody>();
        builder.Services.Configure<KeyManagementOptions>(TransientKeys.Use);
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddServiceDiscoveryDestinationResolver()
            .AddTransforms(static context =>
            {
                ForwardedIdentity.AddTo(context, context.Services.GetRequiredService<ServiceTokens>());
                context.AddRequestTransform(ForwardedRequest.ApplyAsync);
                context.AddResponseTransform(ServiceAnswer.ApplyAsync);
                context.AddResponseTransform(ServiceErrors.WrapAsync);
            });
    }

    internal static void MapProxy(this WebApplication app) =>
        app.MapReverseProxy(static proxy =>
        {
            proxy.Use(ClaimedIdentityMiddleware.DropAsync);
            proxy.Use(ServiceErrors.ReportAsync);
        });
}

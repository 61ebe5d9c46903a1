using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gaia.ServiceDefaults.Http;

internal static class WireExtensions
{
    /// <summary>JSON, errors, request ids and outgoing HTTP, the same in every service.</summary>
    internal static void AddWire(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.Converters.Add(new NaiveTimestampConverter());
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default);
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<LegacyExceptionHandler>();
        services.AddSingleton<IDeveloperPageExceptionFilter, DeveloperPageFilter>();
        // It calls every exception unhandled; the handler logs those that are.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.DeveloperExceptionPageMiddleware", LogLevel.None);
        services.AddSingleton<IStartupFilter, WireStartupFilter>();

        // For services that accept WebSockets: what the gateway relays must not be silent for as long as its activity timeout.
        services.Configure<WebSocketOptions>(static sockets =>
        {
            sockets.KeepAliveInterval = TimeSpan.FromSeconds(30);
            sockets.KeepAliveTimeout = TimeSpan.FromSeconds(30);
        });

        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(static http => http.AddServiceDiscovery());
    }

    /// <summary>Puts the middleware of the wire in front of everything that a service adds itself.</summary>
    private sealed class WireStartupFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseMiddleware<RequestIdMiddleware>();
            app.UseExceptionHandler(static _ => { });
            app.UseStatusCodePages(static pages =>
            {
                var context = pages.HttpContext;
                return context.WriteErrorAsync(context.Response.StatusCode, ReasonPhrases.GetReasonPhrase(context.Response.StatusCode));
            });
            app.UseMiddleware<MethodMiddleware>();
            next(app);
        };
    }
}

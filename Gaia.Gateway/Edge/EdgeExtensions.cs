using System.IO.Compression;
using Gaia.Gateway.Limits;
using Gaia.Gateway.Usage;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Edge;

/// <summary>What holds for every request from outside, whichever service answers it.</summary>
internal static class EdgeExtensions
{
    internal static void AddEdge(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<EdgeOptions>().BindConfiguration("Edge").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<CorsSettings>().BindConfiguration("Cors").ValidateDataAnnotations().ValidateOnStart();
        services.AddCors();
        services.AddSingleton<IValidateOptions<CorsSettings>, CorsSettingsValidator>();
        services.AddSingleton<IConfigureOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>, CorsPolicySetup>();

        // Event streams are not among the compressible types, so they pass as they come.
        services.AddResponseCompression(compression =>
        {
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);

        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<EdgeOptions>>(static (timeouts, edge) => timeouts
            .AddPolicy("request", TimeSpan.FromSeconds(edge.Value.RequestTimeoutSeconds))
            .AddPolicy("answer", TimeSpan.FromSeconds(edge.Value.AnswerTimeoutSeconds)));

        services.AddOptions<KestrelServerOptions>().Configure<IOptions<EdgeOptions>>(static (kestrel, edge) => edge.Value.ApplyTo(kestrel.Limits));
        services.AddTrustedProxies();
        services.AddSingleton<IHttpContextFactory, OwnTraces>();
    }

    /// <summary>
    /// The order matters. What describes an answer comes before what may give one. A preflight request carries no credential, and
    /// a body that is too large deserves no look at its credential.
    /// </summary>
    internal static void UseEdge(this WebApplication app)
    {
        app.UseTrustedProxies();
        app.UseMiddleware<AccessLogMiddleware>();
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseResponseCompression();
        app.UseCors();
        app.UseMiddleware<OptionsMiddleware>();
        app.UseMiddleware<BodySizeMiddleware>();
        app.UseIdentity();
        app.UseLimits();
        app.UseKeyUse();
        app.UseAuthorization();
        app.UseRequestTimeouts();
        app.Use(static (context, next) =>
        {
            // The limit is for the beginning of an answer.
            context.Response.OnStarting(static state =>
            {
                ((HttpContext)state).Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
                return Task.CompletedTask;
            }, context);
            return next(context);
        });
    }
}

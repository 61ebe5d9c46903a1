using System.Text.Json;
using Gaia.ServiceDefaults.Health;
using Microsoft.Extensions.Options;

namespace Gaia.Web;

/// <summary>The addresses that the pages show.</summary>
internal sealed class WebSettings
{
    /// <summary>Where a person opens the Aspire dashboard, from <c>DASHBOARD_URL</c>; null hides the link.</summary>
    public string? DashboardUrl { get; set; }

    /// <summary>
    /// Where a client reaches the gateway, without a slash at the end: <c>GATEWAY_URL</c>, else the address that service discovery was given.
    /// </summary>
    public string GatewayUrl { get; set; } = "http://localhost:8666";
}

internal static class WebSettingsExtensions
{
    internal static void AddWebSettings(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebSettings>()
            .Configure<IConfiguration>(static (settings, configuration) =>
            {
                settings.DashboardUrl = Given(configuration["DASHBOARD_URL"]);
                settings.GatewayUrl = (Given(configuration["GATEWAY_URL"])
                    ?? Given(configuration["services:gateway:http:0"])
                    ?? Given(configuration["services:gateway:https:0"])
                    ?? settings.GatewayUrl).TrimEnd('/');
            })
            .Validate(static settings => settings.DashboardUrl is null || IsWebAddress(settings.DashboardUrl), "DASHBOARD_URL must be a URL that begins with http:// or https://")
            .Validate(static settings => IsWebAddress(settings.GatewayUrl), "GATEWAY_URL must be a URL that begins with http:// or https://")
            .ValidateOnStart();

        builder.Services.AddHealthDetail("gateway_url", static services =>
            JsonSerializer.SerializeToElement(services.GetRequiredService<IOptions<WebSettings>>().Value.GatewayUrl, WebJson.Default.String));
        builder.Services.AddHealthDetail("websocket_enabled", static _ => JsonSerializer.SerializeToElement(true, WebJson.Default.Boolean));
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static bool IsWebAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}

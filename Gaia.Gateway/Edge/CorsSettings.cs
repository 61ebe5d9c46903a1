using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Edge;

/// <summary>Which pages may call the API from a browser. Section <c>Cors</c>.</summary>
internal sealed class CorsSettings
{
    /// <summary>
    /// A comma list, as in <c>ALLOWED_ORIGINS</c>. <c>*</c> is every origin, but then without the browser's own credentials,
    /// which the gateway does not use: keys and tokens are headers.
    /// </summary>
    [Required]
    public string AllowedOrigins { get; init; } = "http://localhost:8666,http://localhost:8080";

    /// <summary>The origins as a browser writes them, without a slash at the end.</summary>
    public string[] Origins => [.. AllowedOrigins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(origin => origin.TrimEnd('/'))];
}

internal sealed class CorsSettingsValidator : IValidateOptions<CorsSettings>
{
    public ValidateOptionsResult Validate(string? name, CorsSettings options) =>
        options.Origins is ["*"] || Array.TrueForAll(options.Origins, IsOrigin)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("ALLOWED_ORIGINS must be origins such as https://game.example or http://localhost:8080, with commas between them, or a single *.");

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.PathAndQuery == "/"
        && uri.Fragment.Length == 0
        && uri.UserInfo.Length == 0
        && !text.EndsWith('?');
}

internal sealed class CorsPolicySetup(IOptions<CorsSettings> settings) : IConfigureOptions<CorsOptions>
{
    /// <summary>What a script of another origin may read beside the few headers that it always may.</summary>
    private static readonly string[] Readable =
    [
        "X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "Allow",
        "ETag", "Location", "Content-Disposition", "WWW-Authenticate", "X-Cache", "X-Cache-TTL", "X-Response-Time",
        "X-Conversation-ID", "X-Message-ID", "X-Question-ID", "X-API-Version", "Idempotency-Replayed",
    ];

    public void Configure(CorsOptions options) => options.AddDefaultPolicy(policy =>
    {
        policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Readable).SetPreflightMaxAge(TimeSpan.FromMinutes(10));
        if (settings.Value.Origins is ["*"])
            policy.AllowAnyOrigin();
        else
            policy.WithOrigins(settings.Value.Origins).AllowCredentials();
    });
}

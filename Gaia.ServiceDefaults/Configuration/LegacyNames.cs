using Microsoft.Extensions.Configuration;

namespace Gaia.ServiceDefaults.Configuration;

/// <summary>
/// Lets a service be configured by the environment variables of the system that Gaia replaces
/// (<c>ALLOWED_ORIGINS</c>, <c>OPENAI_API_KEY</c>…). A value given under Gaia's own key wins.
/// </summary>
public static class LegacyNames
{
    private static readonly (string Legacy, string Key)[] Names =
    [
        ("ALLOWED_ORIGINS", "Cors:AllowedOrigins"),
        ("API_KEY", "Auth:ApiKey"),
        ("AUTH_BACKEND", "Auth:Backend"),
        ("SUPABASE_AUTH_ENABLED", "Auth:SupabaseEnabled"),
        ("SUPABASE_URL", "Supabase:Url"),
        ("SUPABASE_ANON_KEY", "Supabase:AnonKey"),
        ("SUPABASE_SERVICE_KEY", "Supabase:ServiceKey"),
        ("SUPABASE_JWT_SECRET", "Supabase:JwtSecret"),
        ("WEB_SERVICE_BASE_URL", "Auth:WebBaseUrl"),
        ("SMTP_HOST", "Mail:Host"),
        ("SMTP_PORT", "Mail:Port"),
        ("SMTP_SECURE", "Mail:Secure"),
        ("SMTP_USER", "Mail:User"),
        ("SMTP_PASSWORD", "Mail:Password"),
        ("SMTP_FROM", "Mail:From"),
        ("GATEWAY_REQUEST_TIMEOUT", "Edge:RequestTimeoutSeconds"),
        ("RATE_LIMIT_PERIOD", "Limits:Period"),
        ("RATE_LIMIT_REQUESTS", "Limits:Requests"),
        ("OPENAI_API_KEY", "Providers:OpenAI:ApiKey"),
        ("OPENAI_BASE_URL", "Providers:OpenAI:BaseUrl"),
        ("OPENAI_ORG_ID", "Providers:OpenAI:Organization"),
        ("ANTHROPIC_API_KEY", "Providers:Anthropic:ApiKey"),
        ("ANTHROPIC_BASE_URL", "Providers:Anthropic:BaseUrl"),
        ("DEFAULT_LLM_PROVIDER", "Providers:DefaultProvider"),
        ("DEFAULT_LLM_MODEL", "Providers:DefaultModel"),
    ];

    /// <summary>The legacy names that a service reads.</summary>
    public static IReadOnlyCollection<string> All { get; } = [.. Names.Select(name => name.Legacy)];

    internal static void AddLegacyNames(this ConfigurationManager configuration)
    {
        var values = Names
            .Where(name => !string.IsNullOrWhiteSpace(configuration[name.Legacy]) && string.IsNullOrEmpty(configuration[name.Key]))
            .Select(name => KeyValuePair.Create(name.Key, configuration[name.Legacy]))
            .ToList();
        if (LogLevelName(configuration["LOG_LEVEL"]) is { } level)
            values.Add(KeyValuePair.Create<string, string?>("Logging:LogLevel:Default", level));
        configuration.AddInMemoryCollection(values);
    }

    private static string? LogLevelName(string? legacy) => legacy?.ToUpperInvariant() switch
    {
        "DEBUG" => "Debug",
        "INFO" => "Information",
        "WARNING" => "Warning",
        "ERROR" => "Error",
        "CRITICAL" => "Critical",
        _ => null,
    };
}

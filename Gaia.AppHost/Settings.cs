namespace Gaia.AppHost;

/// <summary>
/// The settings a user may give in the environment (which wins) or in the file `.env` of the repository's root, under the names that
/// the legacy system gave them, and the services that receive each. `.env.example` explains them; a test keeps the two in step.
/// </summary>
public sealed class Settings
{
    private const string EnvironmentSetting = "ENVIRONMENT";

    private static readonly string[] EveryService = ["DEBUG", EnvironmentSetting, "LOG_LEVEL", "SERVICE_VERSION"];

    private static readonly string[] Database = ["DATABASE_ECHO", "DATABASE_MAX_OVERFLOW", "DATABASE_POOL_SIZE", "DATABASE_POOL_TIMEOUT"];

    private static readonly string[] Supabase = ["SUPABASE_ANON_KEY", "SUPABASE_AUTH_ENABLED", "SUPABASE_JWT_SECRET", "SUPABASE_SERVICE_KEY", "SUPABASE_URL"];

    private static readonly string[] Providers =
    [
        "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "GOOGLE_API_KEY", "GOOGLE_PROJECT_ID", "MISTRAL_API_KEY",
        "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID",
    ];

    /// <summary>What each service receives, when it is set.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ByService { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["gateway"] =
        [
            .. EveryService, "ALLOWED_ORIGINS", "API_KEY", "CLIENT_REQUEST_TIMEOUT", "GATEWAY_MAX_RETRIES", "GATEWAY_REQUEST_TIMEOUT", "GATEWAY_RETRY_DELAY",
            "HEALTH_CHECK_INTERVAL", "HEALTH_CHECK_TIMEOUT", "INTER_SERVICE_REQUEST_TIMEOUT", "MAX_CONCURRENT_REQUESTS",
            "RATE_LIMIT_PERIOD", "RATE_LIMIT_REQUESTS", "SERVICE_HEALTH_CACHE_TTL", "SUPABASE_URL",
        ],
        ["auth"] =
        [
            .. EveryService, .. Database, .. Supabase, "API_KEY", "API_KEY_CACHE_TTL", "AUTH_BACKEND", "AUTH_CACHE_TTL",
            "JWT_PRIVATE_KEY_PATH", "JWT_PUBLIC_KEY_PATH", "RBAC_AUDIT_ENABLED", "RBAC_CACHE_TTL",
            "SMTP_FROM", "SMTP_HOST", "SMTP_PASSWORD", "SMTP_PORT", "SMTP_SECURE", "SMTP_USER", "WEB_SERVICE_BASE_URL",
        ],
        ["chat"] =
        [
            .. EveryService, .. Database, .. Providers, "CHAT_EXPERIENCE_CACHE_TTL_SECONDS", "CHAT_INCLUDE_AUX_TOOLS",
            "DEFAULT_LLM_MODEL", "DEFAULT_LLM_PROVIDER", "MCP_FILESYSTEM_COMMAND", "MCP_FILESYSTEM_ROOT",
        ],
        ["asset"] =
        [
            .. EveryService, .. Database, "ASSET_SEARCH_LIMIT_DEFAULT", "ASSET_SEARCH_LIMIT_MAX", "ASSET_STORAGE_BUCKET",
            "DEFAULT_CACHE_TTL_SECONDS", "FREESOUND_API_KEY", "GCS_BUCKET_NAME", "GCS_PROJECT_ID", "GCS_STORAGE_CREDENTIALS",
            "MAX_ASSET_FILE_SIZE_MB", "MAX_CONCURRENT_GENERATIONS", "MAX_GENERATION_COST_PER_ASSET", "MAX_PREVIEW_IMAGE_SIZE_MB",
            "MESHY_API_KEY", "MESHY_TEST_MODE", "MESHY_WEBHOOK_SECRET", "MIDJOURNEY_API_KEY", "MIDJOURNEY_WEBHOOK_SECRET",
            "MUBERT_API_KEY", "MUBERT_WEBHOOK_SECRET", "OPENAI_API_KEY", "OPENAI_BASE_URL", "SEMANTIC_SEARCH_SIMILARITY_THRESHOLD", "STABILITY_API_KEY",
        ],
        ["kb"] =
        [
            .. EveryService, .. Database, "KB_BACKUP_INTERVAL", "KB_BATCH_COMMITS", "KB_CACHE_TTL", "KB_CROSS_USER_LINKS", "KB_DEFAULT_VISIBILITY",
            "KB_GIT_AUTH_TOKEN", "KB_GIT_AUTO_CLONE", "KB_GIT_AUTO_SYNC", "KB_GIT_BACKUP_ENABLED", "KB_GIT_BRANCH", "KB_GIT_REMOTE", "KB_GIT_REPO_URL",
            "KB_MAX_SHARES_PER_DOCUMENT", "KB_MAX_WORKSPACES_PER_USER", "KB_MCP_ENABLED", "KB_MULTI_USER_ENABLED", "KB_PATH", "KB_PUSH_ENABLED",
            "KB_SEMANTIC_CACHE_TTL", "KB_SEMANTIC_SEARCH_ENABLED", "KB_SHARING_ENABLED", "KB_STORAGE_MODE", "KB_SYNC_INTERVAL", "KB_TEAM_ENABLED",
            "KB_USER_ISOLATION", "KB_USER_QUOTA_MB", "KB_WORKSPACE_ENABLED", "OPENAI_API_KEY", "OPENAI_BASE_URL",
        ],
        ["web"] = [.. EveryService, .. Database, "SESSION_SECRET", "TEST_MODE"],
    };

    /// <summary>Names of the legacy system whose values follow from the model, so that the AppHost gives what they stood for itself.</summary>
    public static IReadOnlyList<string> SetByAppHost { get; } =
    [
        "ASSET_SERVICE_URL", "AUTH_SERVICE_URL", "CHAT_SERVICE_URL", "DATABASE_URL", "GATEWAY_URL", "KB_SERVICE_URL", "NATS_HOST", "NATS_PORT", "NATS_URL",
        "REDIS_PASSWORD", "REDIS_URL", "SERVICE_HOST", "SERVICE_NAME", "SERVICE_PORT",
    ];

    private readonly IDistributedApplicationBuilder _builder;
    private readonly RunMode _mode;
    private readonly IReadOnlyDictionary<string, string> _file;
    private readonly Dictionary<string, IResourceBuilder<ParameterResource>> _parameters = [];

    private Settings(IDistributedApplicationBuilder builder, RunMode mode, IReadOnlyDictionary<string, string> file)
        => (_builder, _mode, _file) = (builder, mode, file);

    /// <summary>Development unless set otherwise; a published service knows its own.</summary>
    public string? EnvironmentName => (Value(EnvironmentSetting) ?? "").ToLowerInvariant() switch
    {
        "production" or "prod" => "Production",
        "staging" => "Staging",
        _ => _mode == RunMode.Publish ? null : "Development",
    };

    public static Settings Read(IDistributedApplicationBuilder builder, RunMode mode)
    {
        // A developer's own keys are no part of a test, which names its file when it wants one.
        var path = builder.Configuration["Gaia:EnvFile"] ?? (mode == RunMode.Test ? null : Path.Combine(builder.AppHostDirectory, "..", ".env"));
        return new(builder, mode, path is not null && File.Exists(path) ? DotEnv.Parse(File.ReadLines(path)) : new Dictionary<string, string>());
    }

    public static bool IsSecret(string name) => name.EndsWith("_KEY", StringComparison.Ordinal) || name.EndsWith("_SECRET", StringComparison.Ordinal) || name.EndsWith("_PASSWORD", StringComparison.Ordinal)
        || name.EndsWith("_TOKEN", StringComparison.Ordinal) || name.EndsWith("_CREDENTIALS", StringComparison.Ordinal);

    /// <summary>Passes a service its settings; when the model is published also the unset ones, for the operator to fill in.</summary>
    public IResourceBuilder<ProjectResource> PassTo(IResourceBuilder<ProjectResource> service)
    {
        foreach (var name in ByService[service.Resource.Name].Where(name => _mode == RunMode.Publish || Value(name) is not null))
        {
            if (!_parameters.TryGetValue(name, out var parameter))
            {
                var secret = IsSecret(name);
                parameter = _parameters[name] = _builder.AddParameter(
                    name.ToLowerInvariant().Replace('_', '-'), () => Value(name) ?? "", publishValueAsDefault: !secret, secret);
            }

            service.WithEnvironment(name, parameter);
        }

        return service;
    }

    /// <summary>The host has a setting `environment` of its own, from DOTNET_ENVIRONMENT, which would always win over the file's.</summary>
    private string? Given(string name) => name == EnvironmentSetting ? Environment.GetEnvironmentVariable(name) : _builder.Configuration[name];

    /// <summary>What the user gave, null when nothing.</summary>
    public string? Value(string name)
        => Given(name) is { Length: > 0 } given ? given : _file.GetValueOrDefault(name) is { Length: > 0 } kept ? kept : null;
}

/// <summary>Lines of `NAME=value`; comments, `export`, and quotes around a value as shells and Compose have them.</summary>
public static class DotEnv
{
    public static IReadOnlyDictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var text = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..] : line;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) values[text[..equals].Trim()] = Value(text[(equals + 1)..].Trim());
        }

        return values;
    }

    private static string Value(string text)
    {
        if (text.Length > 0 && text[0] is '"' or '\'' && text.IndexOf(text[0], 1) is var end and > 0) return text[1..end];
        var comment = text.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? text : text[..comment].TrimEnd();
    }
}

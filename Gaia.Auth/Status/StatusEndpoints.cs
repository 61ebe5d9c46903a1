using Gaia.Auth.Supabase;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults;
using Gaia.ServiceDefaults.Health;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Gaia.Auth.Status;

/// <summary>What the service says of itself, for scripts and tests of the legacy system. Not for the edge.</summary>
internal static class StatusEndpoints
{
    private const string Healthy = "healthy";
    private const string Warning = "warning";
    private const string Error = "error";

    internal static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/status", GetStatus).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/auth/health", GetHealthAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static JsonHttpResult<StatusBody> GetStatus(
        ServiceInfo service, IHostEnvironment environment, IConfiguration configuration, IOptions<AccountOptions> accounts, IOptions<SupabaseOptions> supabase) =>
        TypedResults.Json(
            new StatusBody(
                service.Name,
                service.Version,
                environment.EnvironmentName.ToLowerInvariant(),
                bool.TryParse(configuration["DEBUG"], out var debug) && debug,
                new StatusFeatures(
                    JwtValidation: true,
                    ApiKeyValidation: true,
                    SupabaseAuth: accounts.Value.ChosenBackend != AuthBackend.Postgresql || supabase.Value.Url is not null || supabase.Value.JwtSecret is not null,
                    UserRegistration: true)),
            StatusJson.Default.StatusBody);

    private static async Task<JsonHttpResult<AuthHealthBody>> GetHealthAsync(
        ServiceInfo service, HealthSnapshot snapshot, SupabaseKeys projectKeys, IOptions<AccountOptions> accounts, IOptions<SupabaseOptions> supabase,
        IConfiguration configuration, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var report = await snapshot.GetAsync(cancellationToken);
        var isDatabaseWell = report.Entries.Where(check => check.Value.Tags.Contains(HealthTags.Database)).All(check => check.Value.Status == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy);
        var isSupabase = accounts.Value.ChosenBackend != AuthBackend.Postgresql;
        var database = new ComponentCheck(isDatabaseWell ? Healthy : Error, isDatabaseWell ? null : "PostgreSQL does not answer");
        var project = supabase.Value.Url is null ? null : new ComponentCheck(projectKeys.IsAway ? isSupabase ? Error : Warning : Healthy, projectKeys.IsAway ? "The project does not answer" : null);
        var secrets = Secrets(supabase.Value, isSupabase, now);
        var keys = new ApiKeyCheck(
            isDatabaseWell ? Healthy : Error, isSupabase ? "supabase" : "postgresql", isDatabaseWell ? true : null, isDatabaseWell ? null : database.Error);
        string[] statuses = [secrets.Status, database.Status, project?.Status ?? Healthy, keys.Status];
        var (errors, warnings) = (statuses.Count(status => status == Error), statuses.Count(status => status == Warning));
        return TypedResults.Json(
            new AuthHealthBody(
                service.Name,
                now,
                errors > 0 ? Error : warnings > 0 ? Warning : Healthy,
                new AuthHealthChecks(
                    secrets,
                    new BackendCheck(isSupabase ? "supabase" : "postgresql", Healthy),
                    project,
                    database,
                    keys,
                    Provider(configuration)),
                errors > 0 ? errors : null,
                warnings > 0 ? warnings : null),
            StatusJson.Default.AuthHealthBody);
    }

    /// <summary>The legacy system counted three: the project's address, its public key and its secret.</summary>
    private static SecretsCheck Secrets(SupabaseOptions options, bool isSupabase, DateTime now)
    {
        string[] missing =
        [
            .. options.Url is null ? ["SUPABASE_URL"] : Array.Empty<string>(),
            .. options.AnonKey is null ? ["SUPABASE_ANON_KEY"] : Array.Empty<string>(),
            .. options.JwtSecret is null ? ["SUPABASE_JWT_SECRET"] : Array.Empty<string>(),
        ];
        // None at all is how a stack with users of its own is; some are a mistake where Supabase is in use.
        return isSupabase && missing.Any(name => name != "SUPABASE_JWT_SECRET")
            ? new SecretsCheck(Warning, 3 - missing.Length, now, [.. missing.Select(name => $"{name} is not set")], missing.Length)
            : new SecretsCheck(Healthy, 3 - missing.Length, now, null, missing.Length > 0 ? missing.Length : null);
    }

    private static ProviderCheck Provider(IConfiguration configuration) =>
        configuration["Providers:DefaultProvider"] is { Length: > 0 } provider ? new ProviderCheck("configured", provider)
        : configuration["Providers:Anthropic:ApiKey"] is { Length: > 0 } ? new ProviderCheck("configured", "anthropic")
        : configuration["Providers:OpenAI:ApiKey"] is { Length: > 0 } ? new ProviderCheck("configured", "openai")
        : new ProviderCheck("not_configured", null);
}

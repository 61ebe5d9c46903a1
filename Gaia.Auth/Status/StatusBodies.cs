using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Auth.Status;

/// <summary>The body of <c>GET /status</c>.</summary>
internal sealed record StatusBody(string Service, string Version, string Environment, bool Debug, StatusFeatures Features);

internal sealed record StatusFeatures(bool JwtValidation, bool ApiKeyValidation, bool SupabaseAuth, bool UserRegistration);

/// <summary>The body of <c>GET /auth/health</c>.</summary>
/// <param name="OverallStatus"><c>healthy</c>, <c>warning</c> or <c>error</c>: the worst of the checks.</param>
internal sealed record AuthHealthBody(
    string Service,
    DateTime Timestamp,
    string OverallStatus,
    AuthHealthChecks Checks,
    int? ErrorCount,
    int? WarningCount);

internal sealed record AuthHealthChecks(
    SecretsCheck Secrets,
    BackendCheck AuthBackend,
    ComponentCheck? Supabase,
    ComponentCheck? Database,
    ApiKeyCheck ApiKeyValidation,
    ProviderCheck AiProvider);

internal sealed record SecretsCheck(string Status, int SecretsConfigured, DateTime LastChecked, IReadOnlyList<string>? Warnings, int? MissingCount);

/// <param name="Configured"><c>supabase</c> or <c>postgresql</c>.</param>
internal sealed record BackendCheck(string Configured, string Status);

internal sealed record ComponentCheck(string Status, string? Error);

internal sealed record ApiKeyCheck(string Status, string Backend, bool? TestPerformed, string? Error);

internal sealed record ProviderCheck(string Status, string? Provider);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(AuthHealthBody))]
internal sealed partial class StatusJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Gateway.Health;

/// <summary>The body of the gateway's <c>GET /health</c> (contract 2.1).</summary>
/// <param name="Status"><c>healthy</c>; <c>degraded</c> when a service or Redis is not; <c>unhealthy</c> when PostgreSQL is not.</param>
internal sealed record PlatformHealth(
    string Status,
    DateTime Timestamp,
    string Version,
    IReadOnlyDictionary<string, ServiceState> Services,
    DatabaseState Database,
    RedisState Redis,
    NatsState Nats,
    SupabaseState Supabase);

/// <param name="ResponseTime">Seconds the service took to answer.</param>
internal sealed record ServiceState(
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ResponseTime,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);

internal sealed record DatabaseState(
    string Status,
    string Database,
    bool Responsive,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);

internal sealed record RedisState(string Status, bool Connected);

/// <summary>Informs only: events are hints, and nothing is lost without them.</summary>
internal sealed record NatsState(string Status);

internal sealed record SupabaseState(
    string Status,
    string Service,
    string? Url,
    bool Responsive,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);

/// <summary>The body of <c>GET /</c>.</summary>
internal sealed record PlatformInfo(string Message, IReadOnlyDictionary<string, string> Versions, string Note);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(PlatformHealth))]
[JsonSerializable(typeof(PlatformInfo))]
internal sealed partial class PlatformJson : JsonSerializerContext;

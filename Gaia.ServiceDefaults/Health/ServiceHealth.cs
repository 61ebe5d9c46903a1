using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.ServiceDefaults.Health;

/// <summary>The body of a service's <c>GET /health</c>.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>: whether the service can do its work.</param>
/// <param name="Version">The API version.</param>
/// <param name="Timestamp">When this was answered, UTC.</param>
/// <param name="Database">PostgreSQL as this service sees it; null for a service that has no tables.</param>
/// <param name="Redis">Redis as this service sees it; informs only.</param>
/// <param name="Nats">NATS as this service sees it; informs only.</param>
/// <param name="NatsConnected">The same, under the name the legacy chat service gave it.</param>
/// <param name="Routes">With <c>?include_routes=true</c>: what the service serves.</param>
public sealed record ServiceHealth(
    string Service,
    string Status,
    string Version,
    DateTime Timestamp,
    ComponentHealth? Database,
    ComponentHealth Redis,
    ComponentHealth Nats,
    bool NatsConnected,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RouteDescription>? Routes)
{
    /// <summary>What only this service has to say, beside the members above.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Details { get; set; }
}

/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
public sealed record ComponentHealth(string Status);

public sealed record RouteDescription(string Path, IReadOnlyList<string> Methods, string? Description, bool RequiresAuth);

/// <summary>The body of <c>/alive</c> and <c>/ready</c>.</summary>
public sealed record Probe(string Status, IReadOnlyList<string> Failing);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ServiceHealth))]
[JsonSerializable(typeof(Probe))]
internal sealed partial class HealthJson : JsonSerializerContext;

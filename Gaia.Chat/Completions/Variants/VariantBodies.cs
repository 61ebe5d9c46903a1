using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Completions.Variants;

/// <summary>An OpenAI completion with what one of the routes below <c>/api/v1/chat</c> adds to it.</summary>
public sealed record VariantCompletion(
    string Id,
    [property: JsonPropertyName("object")] string Kind,
    long Created,
    string Model,
    IReadOnlyList<CompletionChoice> Choices,
    CompletionUsage Usage)
{
    [JsonPropertyName("_response_time_ms"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ResponseTimeMs { get; init; }

    [JsonPropertyName("_hot_loaded"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HotLoaded { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConversationId { get; init; }

    [JsonPropertyName("_multiagent"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SceneReport? Scene { get; init; }

    [JsonPropertyName("_intelligent_routing"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RoutingReport? Routing { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrchestrationReport? Metadata { get; init; }
}

/// <param name="AgentCount">How many parts the model plays.</param>
/// <param name="CoordinationTimeMs">What the whole answer took.</param>
/// <param name="HotLoaded">Whether nothing had to be started for it.</param>
public sealed record SceneReport(string ScenarioType, string Orchestrator, int AgentCount, int CoordinationTimeMs, IReadOnlyList<string> AgentNames, bool HotLoaded);

/// <param name="Complexity"><c>simple</c>, <c>moderate</c> or <c>complex</c>: by the length of the message.</param>
/// <param name="ClassificationTimeMs">What choosing the model took.</param>
public sealed record RoutingReport(string Complexity, string EndpointUsed, int ClassificationTimeMs, int TotalTimeMs, string Reasoning, IReadOnlyList<string> Domains);

public sealed record OrchestrationReport(string Orchestration, RoutePerformance Performance);

/// <param name="ExecutionTime">Seconds.</param>
public sealed record RoutePerformance(string Route, double ExecutionTime, string Type);

/// <summary>The short answers of the routes named <c>ultrafast</c>.</summary>
public sealed record ShortAnswer(string Response, string Model, int ResponseTimeMs)
{
    /// <summary>What the model took.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ApiTimeMs { get; init; }

    /// <summary>What the memory took, which is in PostgreSQL now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RedisTimeMs { get; init; }

    /// <summary>Messages that the model was sent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ContextMessages { get; init; }

    /// <summary>Messages in the memory.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? HistoryLength { get; init; }

    /// <summary>Whether times and events are written beside the answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ParallelOps { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VariantCompletion))]
[JsonSerializable(typeof(ShortAnswer))]
internal sealed partial class VariantJson : JsonSerializerContext
{
    public static VariantJson Readable => field ??= new(Default.Readable());
}

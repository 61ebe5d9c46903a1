using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Models;

/// <param name="Provider">As the wire names it: <c>claude</c>, <c>openai</c>, <c>gaia</c>.</param>
/// <param name="CostPerInputToken">USD; null is not known, zero is free.</param>
/// <param name="AvgResponseTimeMs">Until it begins to answer: as measured in the last calls, or else as expected.</param>
/// <param name="IsMeasured">Whether <paramref name="AvgResponseTimeMs"/> was measured.</param>
/// <param name="Status"><c>available</c>, or <c>not_configured</c>: its provider has no key here.</param>
/// <param name="RequestsCount">Of the last calls of all models, how many were its own.</param>
/// <param name="ErrorRate">Those of them that failed, from 0 to 1; null when there were none.</param>
/// <param name="TotalTokens">Of those calls.</param>
/// <param name="TotalCost">USD, of those whose price is known; null when none of them has one.</param>
public sealed record ModelBody(
    string Id,
    string Name,
    string Provider,
    IReadOnlyList<string> Capabilities,
    int MaxTokens,
    int ContextWindow,
    decimal? CostPerInputToken,
    decimal? CostPerOutputToken,
    int AvgResponseTimeMs,
    double QualityScore,
    double SpeedScore,
    string Description,
    bool IsDeprecated,
    bool SupportsSystemPrompt,
    bool SupportsTemperature,
    bool SupportsStreaming,
    string Status,
    bool IsMeasured,
    long RequestsCount,
    double? ErrorRate,
    long TotalTokens,
    decimal? TotalCost);

public sealed record ModelFilters(string? Provider, string? Capability, int? MaxResponseTimeMs, string Status);

public sealed record ModelList(IReadOnlyList<ModelBody> Models, int Total, ModelFilters Filters);

public sealed record CapabilityList(IReadOnlyList<string> Capabilities, int Total);

public sealed record PriorityList(IReadOnlyList<string> Priorities, int Total);

public sealed record ContextList(IReadOnlyList<string> Contexts, int Total);

/// <summary>The body of <c>POST /api/v0.2/models/recommend</c>, for the description of the API: it is read field by field.</summary>
public sealed record RecommendationRequestBody(
    [property: Description("What the user says: the context is read off it when none is named.")] string Message,
    [property: Description("Only models of this provider.")] string? Provider = null,
    [property: Description("speed, quality, balanced, vr or cost; what the context asks for when absent.")] string? Priority = null,
    [property: Description("greeting, conversation, technical, creative, vr, emergency or multimodal.")] string? ContextType = null,
    [property: Description("Milliseconds until the answer begins.")] int? MaxResponseTimeMs = null,
    [property: Description("All of these.")] IReadOnlyList<string>? RequiredCapabilities = null);

public sealed record ModelAlternative(string ModelId, string Provider, double QualityScore, int AvgResponseTimeMs, decimal? CostPerInputToken);

public sealed record RecommendedModelInfo(
    string Name, IReadOnlyList<string> Capabilities, int MaxTokens, int ContextWindow, double QualityScore, double SpeedScore);

/// <param name="EstimatedCost">USD for the message and an answer half as long; null where the price is not known.</param>
public sealed record ModelRecommendation(
    string RecommendedModel,
    string Provider,
    double Confidence,
    string Reasoning,
    IReadOnlyList<ModelAlternative> Alternatives,
    decimal? EstimatedCost,
    int EstimatedResponseTimeMs,
    RecommendedModelInfo ModelInfo);

public sealed record ComparedModel(
    string Name,
    string Provider,
    double QualityScore,
    double SpeedScore,
    int AvgResponseTimeMs,
    decimal? CostPerInputToken,
    decimal? CostPerOutputToken,
    IReadOnlyList<string> Capabilities,
    int ContextWindow,
    int MaxTokens);

/// <param name="Cost">Null where no price is known.</param>
public sealed record BestModels(string Speed, string Quality, string? Cost, string Overall);

/// <param name="NotFound">What was asked for and is not in the catalogue.</param>
public sealed record ComparisonSummary(int ModelsCompared, IReadOnlyList<string> NotFound);

public sealed record ModelComparison(IReadOnlyDictionary<string, ComparedModel> Models, BestModels BestFor, ComparisonSummary Summary);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(CapabilityList))]
[JsonSerializable(typeof(PriorityList))]
[JsonSerializable(typeof(ContextList))]
[JsonSerializable(typeof(ModelRecommendation))]
[JsonSerializable(typeof(ModelComparison))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    public static ModelJson Readable => field ??= new(Default.Readable());
}

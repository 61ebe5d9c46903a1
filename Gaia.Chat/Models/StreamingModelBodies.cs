using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Models;

/// <param name="TtftMs">Milliseconds until the first piece of an answer: as measured in the last calls, or else as expected.</param>
/// <param name="TokensPerSecond">As measured, or else as expected.</param>
public sealed record StreamingPerformance(int TtftMs, int TokensPerSecond, int MaxConcurrent, bool VrOptimized);

/// <summary>From 0 to 10.</summary>
public sealed record StreamingScores(double Speed, double Quality, double Cost, double Vr);

/// <param name="ModelId">The same as <paramref name="Id"/>.</param>
/// <param name="AvgTtftMs">As in <paramref name="StreamingPerformance"/>.</param>
/// <param name="QualityScore">From 0 to 10.</param>
/// <param name="Provider">As the legacy route names it: <c>anthropic</c>.</param>
/// <param name="IsMeasured">Whether the times were measured.</param>
public sealed record StreamingModelBody(
    string ModelId,
    string Name,
    string Provider,
    int AvgTtftMs,
    double QualityScore,
    bool VrSuitable,
    string Id,
    IReadOnlyList<string> Capabilities,
    StreamingPerformance StreamingPerformance,
    StreamingScores PriorityScores,
    int ContextLength,
    bool IsMeasured);

public sealed record StreamingAverages(int AvgTtftMs, int FastestTtft, int VrOptimizedCount);

public sealed record StreamingModelList(
    IReadOnlyList<StreamingModelBody> Models,
    string DefaultSelection,
    IReadOnlyList<string> SelectionCriteria,
    int Total,
    bool VrFiltered,
    StreamingAverages PerformanceMetrics,
    DateTime Timestamp);

public sealed record RatedModel(string ModelId, string Name, int AvgTtftMs, double QualityScore, bool VrSuitable);

public sealed record FastModel(int Rank, string Model, int TtftMs);

public sealed record GoodModel(int Rank, string Model, double Quality);

public sealed record VrModel(string Model, int TtftMs);

public sealed record StreamingRankings(IReadOnlyList<FastModel> FastestTtft, IReadOnlyList<GoodModel> HighestQuality, IReadOnlyList<VrModel> VrSuitable);

/// <summary>Ids of models; null where none fits.</summary>
public sealed record StreamingBest(string? VrBest, string? QualityBest, string? Balanced, string? Emergency);

public sealed record StreamingRanks(int SpeedRank, int QualityRank, int CostRank, int VrRank);

public sealed record RankedStreamingModel(
    string ModelId,
    string Name,
    string Provider,
    StreamingPerformance Performance,
    StreamingRanks Rankings,
    StreamingScores Scores,
    IReadOnlyList<string> Capabilities);

public sealed record StreamingStatistics(int TotalModels, int VrOptimizedCount, int AvgTtftMs, string? FastestModel, string? HighestThroughput);

public sealed record StreamingPerformanceReport(
    IReadOnlyList<RatedModel> AllModels,
    StreamingRankings Rankings,
    StreamingBest Recommendations,
    IReadOnlyList<RankedStreamingModel> Models,
    StreamingStatistics Statistics,
    DateTime Timestamp);

public sealed record StreamingAlternative(string ModelId, string Provider, int TtftMs, int TokensPerSecond, string Reason);

public sealed record StreamingCriteria(string Priority, bool VrOptimized, int? MaxResponseTimeMs, string Activity);

/// <param name="EstimatedCost">USD for the message and an answer half as long; null where the price is not known.</param>
public sealed record StreamingRecommendation(
    string RecommendedModel,
    string Provider,
    double Confidence,
    string Reasoning,
    StreamingPerformance StreamingPerformance,
    IReadOnlyList<StreamingAlternative> Alternatives,
    decimal? EstimatedCost,
    int EstimatedTtftMs,
    StreamingModelBody ModelInfo,
    StreamingCriteria SelectionCriteria,
    DateTime Timestamp);

public sealed record VrFeatures(bool UltraLowLatency, bool HighThroughput, int ConcurrentUsers);

public sealed record VrAlternative(string ModelId, int TtftMs, double VrScore);

public sealed record VrRecommendation(
    string RecommendedModel,
    string Provider,
    double VrScore,
    int TtftMs,
    int TokensPerSecond,
    string Reasoning,
    VrFeatures VrFeatures,
    IReadOnlyList<VrAlternative> Alternatives,
    DateTime Timestamp);

public sealed record PreferenceSaved(string Status, string Message, StreamingPreference Preference);

public sealed record DefaultPreference(string ModelId, string Priority, bool VrMode);

/// <param name="Preference">What the user has saved.</param>
/// <param name="Default">What holds for who has saved nothing.</param>
public sealed record PreferenceState(
    bool HasPreference,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] StreamingPreference? Preference,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DefaultPreference? Default);

public sealed record PreferenceCleared(string Status, string Message, bool HadPreference);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(StreamingModelList))]
[JsonSerializable(typeof(StreamingPerformanceReport))]
[JsonSerializable(typeof(StreamingRecommendation))]
[JsonSerializable(typeof(VrRecommendation))]
[JsonSerializable(typeof(PreferenceSaved))]
[JsonSerializable(typeof(PreferenceState))]
[JsonSerializable(typeof(PreferenceCleared))]
internal sealed partial class StreamingModelJson : JsonSerializerContext
{
    public static StreamingModelJson Readable => field ??= new(Default.Readable());
}

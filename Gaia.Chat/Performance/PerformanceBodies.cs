using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Performance;

/// <summary>Durations in seconds, of whole answers.</summary>
public sealed record PerformanceTotals(
    long TotalRequests,
    double AverageResponseTime,
    double MinResponseTime,
    double MaxResponseTime,
    double MedianResponseTime,
    double P95ResponseTime,
    long RequestsLastHour,
    [property: JsonPropertyName("requests_last_24h")] long RequestsLastDay,
    long ActiveRequests);

/// <param name="TotalCost">USD, of the calls whose price is known; null when none of them has one.</param>
/// <param name="ErrorRate">Percent.</param>
public sealed record ProviderTotals(
    long TotalRequests, double AverageResponseTime, long TotalTokens, decimal? TotalCost, long ErrorCount, double ErrorRate, DateTime? LastRequest);

public sealed record PerformanceSummary(
    PerformanceTotals Summary, IReadOnlyDictionary<string, ProviderTotals> Providers, string HealthStatus, DateTime DataSince);

/// <param name="Status"><c>healthy</c>, <c>warning</c>, <c>critical</c>, <c>unknown</c> before the first call, or <c>not_configured</c>.</param>
/// <param name="TokensPerSecond">Of answers, from their first piece on.</param>
/// <param name="ErrorRate">Percent.</param>
/// <param name="UptimePercentage">Calls that did not fail.</param>
/// <param name="LastError">When a call failed last.</param>
/// <param name="HealthScore">From 0 to 100.</param>
public sealed record ProviderPerformance(
    string Status,
    double AverageResponseTime,
    double MinResponseTime,
    double MaxResponseTime,
    long TotalRequests,
    long TotalTokens,
    double TokensPerSecond,
    double ErrorRate,
    double UptimePercentage,
    DateTime? LastError,
    IReadOnlyList<string> AvailableModels,
    double HealthScore);

public sealed record ProviderPerformanceList(IReadOnlyDictionary<string, ProviderPerformance> Providers, string OverallHealth, DateTime Timestamp);

/// <summary>Durations in seconds.</summary>
public sealed record StageTiming(double AverageDuration, double MinDuration, double MaxDuration, long Samples, double PercentageOfTotal);

public sealed record SlowStage(string Stage, double AverageDuration, double Percentage);

public sealed record StageAnalysis(
    double TotalAverageRequestTime, IReadOnlyList<SlowStage> SlowestStages, double BottleneckThreshold, IReadOnlyList<string> Recommendations);

public sealed record StageReport(IReadOnlyDictionary<string, StageTiming> StageTimings, StageAnalysis Analysis, int LimitApplied, DateTime Timestamp);

/// <param name="CurrentDuration">Seconds so far.</param>
public sealed record LiveRequest(
    Guid RequestId, DateTime StartTime, double CurrentDuration, string Provider, string Model, Guid UserId, string Status);

/// <param name="Requests">Up to ten: the caller's own, and for an administrator everybody's.</param>
/// <param name="TotalActiveTime">Seconds, of all.</param>
public sealed record LiveRequests(long Count, IReadOnlyList<LiveRequest> Requests, double TotalActiveTime);

/// <summary>Requests of all replicas; memory, processor time and connections of the one that answers.</summary>
public sealed record SystemMetrics(long RequestsPerMinute, double MemoryUsageMb, double CpuUsagePercent, int ActiveConnections);

public sealed record LiveReport(LiveRequests ActiveRequests, SystemMetrics SystemMetrics, DateTime Timestamp);

public sealed record HealthMetrics(double AverageResponseTime, long SlowRequestsCount, double ErrorRatePercent, long ActiveRequests, long RequestsAnalyzed);

public sealed record HealthThresholds(
    string HealthyResponseTime, string WarningResponseTime, string CriticalResponseTime, string HealthyErrorRate, string WarningErrorRate, string CriticalErrorRate);

public sealed record HealthAlert(string Level, string Message, string Threshold, string Recommendation);

public sealed record HealthReport(
    string HealthStatus,
    int HealthScore,
    HealthMetrics Metrics,
    HealthThresholds Thresholds,
    IReadOnlyList<HealthAlert> Alerts,
    IReadOnlyList<string> Recommendations,
    DateTime Timestamp);

public sealed record CollectionPeriod(DateTime Start, DateTime End, double DurationMinutes);

public sealed record PreviousData(long TotalRequests, int TotalProviders, long ActiveRequests, CollectionPeriod DataCollectionPeriod);

public sealed record PerformanceReset(string Status, string Message, PreviousData PreviousDataSummary, DateTime ResetTimestamp);

/// <param name="Distribution">Percentages as text.</param>
public sealed record RoutingMetrics(
    long Direct,
    long McpAgent,
    [property: JsonPropertyName("multiagent")] long MultiAgent,
    long TotalRequests,
    double AvgRoutingTimeMs,
    double AvgTotalTimeMs,
    IReadOnlyDictionary<string, string> Distribution);

internal static class PerformanceBodies
{
    public const int MaxLiveRequests = 10;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(PerformanceSummary))]
[JsonSerializable(typeof(ProviderPerformanceList))]
[JsonSerializable(typeof(StageReport))]
[JsonSerializable(typeof(LiveReport))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(PerformanceReset))]
[JsonSerializable(typeof(RoutingMetrics))]
internal sealed partial class PerformanceJson : JsonSerializerContext
{
    public static PerformanceJson Readable => field ??= new(Default.Readable());
}

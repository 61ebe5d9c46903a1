using System.Text.Json.Serialization;

namespace Gaia.Web.Admin;

/// <param name="AvgResponseTimeMs">Until an answer begins: measured where <paramref name="IsMeasured"/>, or else expected.</param>
/// <param name="CostPerInputToken">USD; null is not known, zero is free.</param>
/// <param name="ErrorRate">From 0 to 1; null when there were no calls.</param>
/// <param name="TotalCost">USD; null when no price is known.</param>
public sealed record ModelItem(
    string Id,
    string Name,
    string Provider,
    int ContextWindow,
    decimal? CostPerInputToken,
    decimal? CostPerOutputToken,
    int AvgResponseTimeMs,
    bool IsMeasured,
    string Status,
    bool IsDeprecated,
    long RequestsCount,
    double? ErrorRate,
    long TotalTokens,
    decimal? TotalCost);

public sealed record ModelItems(IReadOnlyList<ModelItem> Models);

public sealed record ProviderItem(string Id, string Name, string Status, string Health);

public sealed record ProviderItems(IReadOnlyList<ProviderItem> Providers);

/// <param name="ErrorRate">From 0 to 1.</param>
public sealed record ProviderHealthItem(string Status, bool Configured, int? ResponseTimeMs, DateTime LastCheck, double ErrorRate, string? Error);

public sealed record ProviderHealthItems(IReadOnlyDictionary<string, ProviderHealthItem> Providers);

public sealed record ProviderStatsItem(long RequestsCount, long TotalTokens, decimal? TotalCost, int AvgResponseTimeMs, long ErrorCount, DateTime? LastRequest);

public sealed record ProviderStatsItems(IReadOnlyDictionary<string, ProviderStatsItem> ProviderStats);

/// <summary>Durations in seconds.</summary>
public sealed record SummaryFigures(
    long TotalRequests,
    double AverageResponseTime,
    double MinResponseTime,
    double MaxResponseTime,
    double MedianResponseTime,
    [property: JsonPropertyName("p95_response_time")] double P95ResponseTime,
    long RequestsLastHour,
    long ActiveRequests);

public sealed record SummaryReport(SummaryFigures Summary, string HealthStatus, DateTime DataSince);

/// <param name="ErrorRate">Percent.</param>
public sealed record ProviderFigures(
    string Status,
    double AverageResponseTime,
    double MaxResponseTime,
    long TotalRequests,
    long TotalTokens,
    double TokensPerSecond,
    double ErrorRate,
    DateTime? LastError,
    double HealthScore);

public sealed record ProviderReport(IReadOnlyDictionary<string, ProviderFigures> Providers);

public sealed record StageFigures(double AverageDuration, double MinDuration, double MaxDuration, long Samples, double PercentageOfTotal);

public sealed record StageAnalysis(double TotalAverageRequestTime, IReadOnlyList<string> Recommendations);

public sealed record StageReport(IReadOnlyDictionary<string, StageFigures> StageTimings, StageAnalysis Analysis, int LimitApplied);

public sealed record LiveRequest(Guid RequestId, DateTime StartTime, double CurrentDuration, string Provider, string Model, Guid UserId);

public sealed record LiveRequests(long Count, IReadOnlyList<LiveRequest> Requests);

public sealed record SystemFigures(long RequestsPerMinute, double MemoryUsageMb, double CpuUsagePercent, int ActiveConnections);

public sealed record LiveReport(LiveRequests ActiveRequests, SystemFigures SystemMetrics, DateTime Timestamp);

public sealed record HealthFigures(double AverageResponseTime, long SlowRequestsCount, double ErrorRatePercent, long RequestsAnalyzed);

public sealed record HealthAlert(string Level, string Message, string Recommendation);

public sealed record HealthReport(string HealthStatus, int HealthScore, HealthFigures Metrics, IReadOnlyList<HealthAlert> Alerts, IReadOnlyList<string> Recommendations);

using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Providers;

/// <param name="Id">As the wire names it: <c>claude</c>, <c>openai</c>, <c>gaia</c>.</param>
/// <param name="Status"><c>available</c>, or <c>not_configured</c>: it has no key here.</param>
/// <param name="Health"><c>healthy</c>, <c>unhealthy</c> or <c>unknown</c>.</param>
/// <param name="Models">Ids.</param>
/// <param name="LastHealthCheck">When <paramref name="Health"/> was worked out.</param>
public sealed record ProviderBody(
    string Id,
    string Name,
    string Status,
    bool Available,
    string Health,
    IReadOnlyList<string> Models,
    IReadOnlyList<string> Capabilities,
    DateTime LastHealthCheck);

public sealed record ProviderList(IReadOnlyList<ProviderBody> Providers, int TotalProviders, string HealthStatus, DateTime Timestamp);

public sealed record ProviderPricing(decimal? InputTokensPerMillion, decimal? OutputTokensPerMillion);

public sealed record ProviderModelBody(
    string Id,
    string Name,
    IReadOnlyList<string> Capabilities,
    int MaxTokens,
    int ContextWindow,
    ProviderPricing Pricing,
    string Status);

public sealed record ProviderModelList(string Provider, IReadOnlyList<ProviderModelBody> Models, int Total);

/// <param name="ResponseTimeMs">Until an answer begins; null when nothing was measured.</param>
/// <param name="ErrorRate">From 0 to 1, of the last calls.</param>
/// <param name="Error">Why it is unhealthy, in a word.</param>
public sealed record ProviderHealthBody(string Status, bool Configured, int? ResponseTimeMs, DateTime LastCheck, double ErrorRate, string? Error);

public sealed record ProviderHealthSummary(int HealthyProviders, int TotalProviders, IReadOnlyList<string> UnhealthyProviders);

public sealed record ProviderHealthList(
    string OverallStatus, IReadOnlyDictionary<string, ProviderHealthBody> Providers, ProviderHealthSummary Summary, DateTime Timestamp);

public sealed record NamedProviderHealth(
    string Provider, string Status, bool Configured, int? ResponseTimeMs, DateTime LastCheck, double ErrorRate, string? Error);

/// <param name="TotalCost">USD, of the calls whose price is known; null when none of them has one.</param>
/// <param name="AvgResponseTimeMs">Of whole answers.</param>
/// <param name="UnpricedRequests">Calls whose price is not known.</param>
public sealed record ProviderStatsBody(
    long RequestsCount,
    long TotalTokens,
    decimal? TotalCost,
    int AvgResponseTimeMs,
    long ErrorCount,
    double ErrorRate,
    DateTime? LastRequest,
    long UnpricedRequests);

public sealed record ProviderStatsSummary(long TotalRequests, long TotalTokens, decimal? TotalCost, long TotalErrors, double OverallErrorRate);

public sealed record ProviderStatsList(IReadOnlyDictionary<string, ProviderStatsBody> ProviderStats, ProviderStatsSummary Summary, DateTime Timestamp);

public sealed record NamedProviderStats(
    string Provider,
    long RequestsCount,
    long TotalTokens,
    decimal? TotalCost,
    int AvgResponseTimeMs,
    long ErrorCount,
    double ErrorRate,
    DateTime? LastRequest,
    long UnpricedRequests);

public sealed record ProviderCheckBody(
    string Message, IReadOnlyList<string> ProvidersChecked, IReadOnlyDictionary<string, string> Results, DateTime Timestamp);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(ProviderModelList))]
[JsonSerializable(typeof(ProviderHealthList))]
[JsonSerializable(typeof(NamedProviderHealth))]
[JsonSerializable(typeof(ProviderStatsList))]
[JsonSerializable(typeof(NamedProviderStats))]
[JsonSerializable(typeof(ProviderCheckBody))]
internal sealed partial class ProviderJson : JsonSerializerContext
{
    public static ProviderJson Readable => field ??= new(Default.Readable());
}

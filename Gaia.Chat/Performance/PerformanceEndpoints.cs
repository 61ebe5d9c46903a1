using System.Globalization;
using System.Security.Claims;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Performance;

/// <summary>How the last answers went, on all replicas.</summary>
internal static class PerformanceEndpoints
{
    private const string Window = "The last 1000 calls of the last 24 hours, of everybody and on all replicas, or those since the caller's last reset. Durations in seconds.";
    private const int DefaultStageLimit = 100;
    private const string Unknown = "unknown";
    private const string Processing = "processing";

    /// <summary>Who may administer users may see what they ask for, with a credential that allows it.</summary>
    private const string SeesAll = "permission:admin:users";

    internal static void AddPerformance(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<CallReader>();
        builder.Services.AddSingleton<CallWindow>();
        builder.Services.AddSingleton<ProcessMetrics>();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            var metrics = kestrel.ApplicationServices.GetRequiredService<ProcessMetrics>();
            endpoint.Use(next => connection => metrics.CountAsync(connection, next));
        }));
    }

    internal static void MapPerformance(this IEndpointRouteBuilder routes)
    {
        var performance = routes.MapGroup("/api/v0.2/performance").WithTags("Performance").RequirePermission("chat", "read");
        performance.MapGet("summary", SummarizeAsync).WithSummary("Sum up the last calls").WithDescription(Window).Produces<PerformanceSummary>();
        performance.MapGet("providers", ListProvidersAsync).WithSummary("Tell how each provider did").WithDescription(Window).Produces<ProviderPerformanceList>();
        performance.MapGet("stages", ListStagesAsync)
            .WithSummary("Tell where the time of answers goes")
            .WithDescription("Of the last `limit` answers, 100 unless said and 1000 at most.")
            .Produces<StageReport>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        performance.MapGet("live", ShowLiveAsync)
            .WithSummary("Show what is being answered now")
            .WithDescription("All requests are counted; shown are the caller's own, and to administrators everybody's.")
            .Produces<LiveReport>();
        performance.MapGet("health", ShowHealthAsync).WithSummary("Tell how the service is").WithDescription("By the calls of the last five minutes.").Produces<HealthReport>();
        performance.MapDelete("reset", ResetAsync)
            .WithSummary("Begin the figures anew")
            .WithDescription("For the caller alone: what others see stays.")
            .Produces<PerformanceReset>();

        foreach (var path in new[] { "/api/v1/chat/metrics", "/api/v1/chat/orchestrated/metrics" })
        {
            routes.MapGet(path, ShowRoutesAsync)
                .WithTags("Performance").WithSummary("Tell how requests were routed").Produces<RoutingMetrics>().RequirePermission("chat", "read");
        }
    }

    private static async Task<JsonHttpResult<PerformanceSummary>> SummarizeAsync(ClaimsPrincipal user, CallReader reader, CancellationToken cancellationToken)
    {
        var figures = await reader.ReadAsync(user.UserId(), cancellationToken);
        var active = await reader.ActiveAsync(user.UserId(), seesAll: false, cancellationToken);
        var total = figures.Total;
        return TypedResults.Json(
            new PerformanceSummary(
                new PerformanceTotals(
                    total.Requests,
                    StageAnalyzer.Seconds(total.AverageUs),
                    StageAnalyzer.Seconds(total.MinUs),
                    StageAnalyzer.Seconds(total.MaxUs),
                    StageAnalyzer.Seconds(total.MedianUs),
                    StageAnalyzer.Seconds(total.P95Us),
                    total.LastHour,
                    total.Requests,
                    CountOf(active)),
                figures.Providers.ToDictionary(item => ProviderNames.ToLegacy(item.Key), item => new ProviderTotals(
                    item.Value.Requests,
                    StageAnalyzer.Seconds(item.Value.AverageUs),
                    item.Value.Tokens,
                    item.Value.KnownCost,
                    item.Value.Failed,
                    Percent(item.Value.ErrorRate),
                    item.Value.LastRequest)),
                PerformanceHealth.StatusOf(total.AverageUs / 1e6, 100 * total.ErrorRate),
                SinceOf(total)),
            PerformanceJson.Readable.PerformanceSummary);
    }

    private static async Task<JsonHttpResult<ProviderPerformanceList>> ListProvidersAsync(
        ClaimsPrincipal user, CallReader reader, ModelCatalogue catalogue, TimeProvider time, CancellationToken cancellationToken)
    {
        var figures = await reader.ReadAsync(user.UserId(), cancellationToken);
        var providers = ProviderNames.All.ToDictionary(ProviderNames.ToLegacy, provider => Describe(provider, figures.Of(provider), catalogue));
        return TypedResults.Json(
            new ProviderPerformanceList(
                providers,
                providers.Values.Any(provider => provider.Status is PerformanceHealth.Warning or PerformanceHealth.Critical) ? PerformanceHealth.Warning : PerformanceHealth.Healthy,
                time.GetNaiveUtcNow()),
            PerformanceJson.Readable.ProviderPerformanceList);
    }

    private static async Task<Results<JsonHttpResult<StageReport>, JsonHttpResult<ErrorBody>>> ListStagesAsync(
        int? limit, ClaimsPrincipal user, CallReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        var applied = limit ?? DefaultStageLimit;
        if (applied is < 1 or > CallReader.MaxCalls)
            return LegacyResults.BadRequest($"limit must be from 1 to {CallReader.MaxCalls}");
        var stages = await reader.StagesAsync(user.UserId(), applied, cancellationToken);
        return TypedResults.Json(StageAnalyzer.Report(stages, applied, time.GetNaiveUtcNow()), PerformanceJson.Readable.StageReport);
    }

    private static async Task<JsonHttpResult<LiveReport>> ShowLiveAsync(
        ClaimsPrincipal user, IAuthorizationService authorization, CallReader reader, ProcessMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        var seesAll = await authorization.AuthorizeAsync(user, SeesAll);
        var active = await reader.ActiveAsync(user.UserId(), seesAll.Succeeded, cancellationToken);
        var ended = await reader.LastMinuteAsync(cancellationToken);
        var now = time.GetNaiveUtcNow();
        return TypedResults.Json(
            new LiveReport(
                new LiveRequests(
                    CountOf(active),
                    [.. active.Where(run => run.IsVisible).Select(run => new LiveRequest(
                        run.Id, run.StartedAt, Math.Max(0, Math.Round((now - run.StartedAt).TotalSeconds, 3)), ProviderNames.ToLegacy(run.Provider), run.Model, run.UserId, Processing))],
                    active is [] ? 0 : Math.Round(active[0].TotalSeconds, 3)),
                new SystemMetrics(ended + (active is [] ? 0 : active[0].StartedLastMinute), ProcessMetrics.MemoryMb, metrics.CpuPercent, metrics.Connections),
                now),
            PerformanceJson.Readable.LiveReport);
    }

    private static async Task<JsonHttpResult<HealthReport>> ShowHealthAsync(ClaimsPrincipal user, CallReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        var figures = await reader.HealthAsync(user.UserId(), cancellationToken);
        var status = PerformanceHealth.StatusOf(figures.AverageSeconds, figures.ErrorPercent);
        return TypedResults.Json(
            new HealthReport(
                status,
                PerformanceHealth.ScoreOf(status),
                new HealthMetrics(StageAnalyzer.Seconds(figures.AverageUs), figures.Slow, Math.Round(figures.ErrorPercent, 2), figures.Active, figures.Requests),
                PerformanceHealth.Thresholds,
                PerformanceHealth.AlertsOf(figures),
                PerformanceHealth.Recommend(figures),
                time.GetNaiveUtcNow()),
            PerformanceJson.Readable.HealthReport);
    }

    private static async Task<JsonHttpResult<PerformanceReset>> ResetAsync(ClaimsPrincipal user, CallReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        var (figures, now) = (await reader.ReadAsync(user.UserId(), cancellationToken), time.GetNaiveUtcNow());
        var active = await reader.ActiveAsync(user.UserId(), seesAll: false, cancellationToken);
        await reader.ResetAsync(user.UserId(), now, cancellationToken);
        var start = SinceOf(figures.Total);
        return TypedResults.Json(
            new PerformanceReset(
                "success",
                "Performance metrics have been reset",
                new PreviousData(
                    figures.Total.Requests,
                    figures.Providers.Count,
                    CountOf(active),
                    new CollectionPeriod(start, now, Math.Round(Math.Max(0, (now - start).TotalMinutes), 2))),
                now),
            PerformanceJson.Readable.PerformanceReset);
    }

    private static async Task<JsonHttpResult<RoutingMetrics>> ShowRoutesAsync(CallReader reader, CancellationToken cancellationToken)
    {
        var figures = await reader.RoutesAsync(cancellationToken);
        var direct = figures.Requests - figures.McpAgent - figures.MultiAgent;
        return TypedResults.Json(
            new RoutingMetrics(
                direct,
                figures.McpAgent,
                figures.MultiAgent,
                figures.Requests,
                Math.Round(figures.RoutingUs / 1000, 3),
                Math.Round(figures.TotalUs / 1000, 3),
                new Dictionary<string, string>
                {
                    ["direct"] = Share(direct),
                    ["mcp_agent"] = Share(figures.McpAgent),
                    ["multiagent"] = Share(figures.MultiAgent),
                }),
            PerformanceJson.Readable.RoutingMetrics);

        string Share(long part) => string.Create(CultureInfo.InvariantCulture, $"{(figures.Requests == 0 ? 0 : 100.0 * part / figures.Requests):0.0}%");
    }

    private static ProviderPerformance Describe(string provider, CallFigures figures, ModelCatalogue catalogue)
    {
        var (seconds, errors, isCalled) = (figures.AverageUs / 1e6, 100 * figures.ErrorRate, figures.Requests > 0);
        var isConfigured = catalogue.IsConfigured(provider);
        return new ProviderPerformance(
            isCalled ? PerformanceHealth.StatusOf(seconds, errors) : isConfigured ? Unknown : ModelCatalogue.NotConfigured,
            StageAnalyzer.Seconds(figures.AverageUs),
            StageAnalyzer.Seconds(figures.MinUs),
            StageAnalyzer.Seconds(figures.MaxUs),
            figures.Requests,
            figures.Tokens,
            Math.Round(figures.TokensPerSecond ?? 0, 1),
            Percent(figures.ErrorRate),
            isCalled ? Math.Round(100 - errors, 2) : 0,
            figures.LastFailure,
            [.. catalogue.Usable.Where(model => model.Provider == provider).Select(model => model.Id)],
            isCalled ? PerformanceHealth.ProviderScore(seconds, errors) : 0);
    }

    /// <summary>From when on there are figures: a window that is full begins with its first call.</summary>
    private static DateTime SinceOf(CallFigures total) =>
        total is { Requests: >= CallReader.MaxCalls, FirstRequest: { } first } ? first : total.Since;

    private static long CountOf(IReadOnlyList<ActiveRun> active) => active is [] ? 0 : active[0].Count;

    private static double Percent(double share) => Math.Round(100 * share, 2);
}

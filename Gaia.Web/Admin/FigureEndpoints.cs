using Gaia.Web.Design;
using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Web.Admin;

/// <summary>A provider, put together from what three routes say of it.</summary>
public sealed record ProviderRow(ProviderItem Provider, ProviderHealthItem? Health, ProviderStatsItem? Stats);

public sealed record ModelsView(IReadOnlyList<ModelItem>? Models, IReadOnlyList<ProviderRow>? Providers, Sorting Sorting);

/// <summary>What the performance page shows. Parts that the gateway does not tell are null.</summary>
public sealed record PerformanceView(SummaryReport? Summary, ProviderReport? Providers, StageReport? Stages, LiveReport? Live, HealthReport? Health, Notice? Notice);

/// <summary>A table's order, as the address has it: <c>cost</c>, or <c>-cost</c> for the largest first.</summary>
public sealed record Sorting(string Column, bool Descending)
{
    internal static Sorting Parse(string? text) => text is ['-', .. var column] ? new Sorting(column, Descending: true) : new Sorting(text ?? "", Descending: false);

    /// <summary>What a click on a column's head leads to.</summary>
    internal string After(string column, bool largestFirst) => (column == Column ? !Descending : largestFirst) ? $"-{column}" : column;
}

/// <summary>Models and how they do.</summary>
internal static class FigureEndpoints
{
    internal static void MapFigures(this IEndpointRouteBuilder pages)
    {
        var figures = pages.MapGroup("").Administers();
        figures.MapGet("/models", ShowModelsAsync);
        figures.MapGet("/performance", ShowPerformanceAsync);
        figures.MapGet("/performance/live", ShowLiveAsync);
        figures.MapPost("/performance/reset", ResetAsync);
    }

    private static async Task<RazorComponentResult<ModelsPage>> ShowModelsAsync(string? sort, GatewayApi gateway, CancellationToken cancellationToken)
    {
        var models = gateway.GetAsync(AdminPaths.Models, AdminJson.Default.ModelItems, cancellationToken).OrNullAsync();
        var providers = gateway.GetAsync(AdminPaths.Providers, AdminJson.Default.ProviderItems, cancellationToken).OrNullAsync();
        var health = gateway.GetAsync(AdminPaths.ProviderHealth, AdminJson.Default.ProviderHealthItems, cancellationToken).OrNullAsync();
        var stats = gateway.GetAsync(AdminPaths.ProviderStats, AdminJson.Default.ProviderStatsItems, cancellationToken).OrNullAsync();
        await Task.WhenAll(models, providers, health, stats);
        var (healthOf, statsOf, sorting) = ((await health)?.Providers, (await stats)?.ProviderStats, Sorting.Parse(sort));
        return new RazorComponentResult<ModelsPage>(new
        {
            View = new ModelsView(
                (await models)?.Models is { } known ? Sort(known, sorting) : null,
                (await providers)?.Providers.Select(provider => new ProviderRow(
                    provider,
                    healthOf?.GetValueOrDefault(provider.Id),
                    statsOf?.GetValueOrDefault(provider.Id))).ToList(),
                sorting),
        });
    }

    private static async Task<RazorComponentResult<PerformancePage>> ShowPerformanceAsync(GatewayApi gateway, CancellationToken cancellationToken) =>
        await PageAsync(gateway, null, cancellationToken);

    private static async Task<RazorComponentResult<LivePanel>> ShowLiveAsync(GatewayApi gateway, CancellationToken cancellationToken) =>
        new(new { Live = await gateway.GetAsync(AdminPaths.Live, AdminJson.Default.LiveReport, cancellationToken).OrNullAsync() });

    private static async Task<IResult> ResetAsync(HttpContext http, GatewayApi gateway, CancellationToken cancellationToken)
    {
        await gateway.SendAsync(HttpMethod.Delete, AdminPaths.Reset, null, cancellationToken);
        return http.Request.IsHtmx()
            ? new RazorComponentResult<PerformancePanel>(new { View = await ReadAsync(gateway, Done, cancellationToken), IsUpdate = true })
            : await PageAsync(gateway, Done, cancellationToken);
    }

    private static Notice Done => new("success", "The figures begin anew for you.");

    private static async Task<RazorComponentResult<PerformancePage>> PageAsync(GatewayApi gateway, Notice? notice, CancellationToken cancellationToken) =>
        new(new { View = await ReadAsync(gateway, notice, cancellationToken) });

    private static async Task<PerformanceView> ReadAsync(GatewayApi gateway, Notice? notice, CancellationToken cancellationToken)
    {
        var summary = gateway.GetAsync(AdminPaths.Summary, AdminJson.Default.SummaryReport, cancellationToken).OrNullAsync();
        var providers = gateway.GetAsync(AdminPaths.ProviderPerformance, AdminJson.Default.ProviderReport, cancellationToken).OrNullAsync();
        var stages = gateway.GetAsync(AdminPaths.Stages, AdminJson.Default.StageReport, cancellationToken).OrNullAsync();
        var live = gateway.GetAsync(AdminPaths.Live, AdminJson.Default.LiveReport, cancellationToken).OrNullAsync();
        var health = gateway.GetAsync(AdminPaths.Health, AdminJson.Default.HealthReport, cancellationToken).OrNullAsync();
        return new PerformanceView(await summary, await providers, await stages, await live, await health, notice);
    }

    private static List<ModelItem> Sort(IReadOnlyList<ModelItem> models, Sorting sorting)
    {
        Func<ModelItem, IComparable?>? key = sorting.Column switch
        {
            "name" => static model => model.Name,
            "provider" => static model => model.Provider,
            "latency" => static model => model.AvgResponseTimeMs,
            "calls" => static model => model.RequestsCount,
            "errors" => static model => model.ErrorRate,
            "tokens" => static model => model.TotalTokens,
            "cost" => static model => model.TotalCost,
            _ => null,
        };
        return key is null ? [.. models] : sorting.Descending ? [.. models.OrderByDescending(key)] : [.. models.OrderBy(key)];
    }
}

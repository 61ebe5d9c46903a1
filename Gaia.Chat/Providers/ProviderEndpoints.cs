using Gaia.Chat.Performance;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Providers;

/// <summary>The providers of this installation, with figures of the last calls of all replicas.</summary>
internal static class ProviderEndpoints
{
    internal static void MapProviders(this IEndpointRouteBuilder routes)
    {
        var providers = routes.MapGroup("/api/v0.2/providers").WithTags("Providers").RequirePermission("chat", "read");
        providers.MapGet("", ListAsync)
            .WithSummary("List the providers of models")
            .WithDescription("One whose `status` is `not_configured` has no key here, and its health is not known.")
            .Produces<ProviderList>();
        providers.MapGet("health", ListHealthAsync)
            .WithSummary("Tell how the providers are")
            .WithDescription("By the calls of the last minutes and the last check: nothing is sent to them.")
            .Produces<ProviderHealthList>();
        providers.MapGet("stats", ListStatsAsync)
            .WithSummary("Tell how the providers were used")
            .WithDescription("The last 1000 calls of the last 24 hours, of everybody.")
            .Produces<ProviderStatsList>();
        providers.MapPost("health/check", CheckAsync)
            .WithSummary("Check whether the providers can be reached")
            .WithDescription("Asks each for its list of models, which costs nothing, and waits five seconds at most.")
            .Produces<ProviderCheckBody>();
        providers.MapGet("{provider}", GetAsync).WithSummary("Get a provider").Produces<ProviderBody>().Produces<ErrorBody>(StatusCodes.Status404NotFound);
        providers.MapGet("{provider}/models", ListModels)
            .WithSummary("List the models of a provider").Produces<ProviderModelList>().Produces<ErrorBody>(StatusCodes.Status404NotFound);
        providers.MapGet("{provider}/health", GetHealthAsync)
            .WithSummary("Tell how a provider is").Produces<NamedProviderHealth>().Produces<ErrorBody>(StatusCodes.Status404NotFound);
        providers.MapGet("{provider}/stats", GetStatsAsync)
            .WithSummary("Tell how a provider was used").Produces<NamedProviderStats>().Produces<ErrorBody>(StatusCodes.Status404NotFound);

        routes.MapGet("/api/v1/providers", ListAsync)
            .WithTags("Providers").WithSummary("List the providers of models").Produces<ProviderList>().RequirePermission("chat", "read");
    }

    private static async Task<JsonHttpResult<ProviderList>> ListAsync(
        ModelCatalogue catalogue, ProviderHealth health, CallWindow calls, TimeProvider time, CancellationToken cancellationToken)
    {
        var figures = await calls.GetAsync(cancellationToken);
        (string Provider, ProviderState State)[] all = [.. ProviderNames.All.Select(provider => (provider, health.Of(provider, figures)))];
        var overall = ProviderHealth.Overall(all.Select(item => item.State));
        return TypedResults.Json(
            new ProviderList(
                [.. all.Select(item => Describe(item.Provider, item.State, catalogue))],
                all.Length,
                overall == ProviderHealth.Healthy ? "all_healthy" : overall,
                time.GetNaiveUtcNow()),
            ProviderJson.Readable.ProviderList);
    }

    private static async Task<Results<JsonHttpResult<ProviderBody>, JsonHttpResult<ErrorBody>>> GetAsync(
        string provider, ModelCatalogue catalogue, ProviderHealth health, CallWindow calls, CancellationToken cancellationToken)
    {
        if (ProviderNames.Find(provider) is not { } known)
            return NotFound(provider);
        var state = health.Of(known, await calls.GetAsync(cancellationToken));
        return TypedResults.Json(Describe(known, state, catalogue), ProviderJson.Readable.ProviderBody);
    }

    private static Results<JsonHttpResult<ProviderModelList>, JsonHttpResult<ErrorBody>> ListModels(string provider, ModelCatalogue catalogue)
    {
        if (ProviderNames.Find(provider) is not { } known)
            return NotFound(provider);
        ProviderModelBody[] models = [.. catalogue.All.Where(model => model.Provider == known).Select(model => new ProviderModelBody(
            model.Id,
            model.Name,
            model.CapabilityList,
            model.MaxOutputTokens,
            model.ContextWindow,
            new ProviderPricing(PerMillion(model.InputTokenPrice), PerMillion(model.OutputTokenPrice)),
            catalogue.StatusOf(known)))];
        return TypedResults.Json(new ProviderModelList(ProviderNames.ToLegacy(known), models, models.Length), ProviderJson.Readable.ProviderModelList);
    }

    private static async Task<JsonHttpResult<ProviderHealthList>> ListHealthAsync(
        ProviderHealth health, CallWindow calls, TimeProvider time, CancellationToken cancellationToken)
    {
        var figures = await calls.GetAsync(cancellationToken);
        var all = ProviderNames.All.ToDictionary(ProviderNames.ToLegacy, provider => health.Of(provider, figures));
        return TypedResults.Json(
            new ProviderHealthList(
                ProviderHealth.Overall(all.Values),
                all.ToDictionary(item => item.Key, item => new ProviderHealthBody(
                    item.Value.Health, item.Value.IsConfigured, item.Value.ResponseMs, item.Value.At, item.Value.ErrorRate, item.Value.Error)),
                new ProviderHealthSummary(
                    all.Values.Count(state => state.Health == ProviderHealth.Healthy),
                    all.Count,
                    [.. all.Where(item => item.Value.Health == ProviderHealth.Unhealthy).Select(item => item.Key)]),
                time.GetNaiveUtcNow()),
            ProviderJson.Readable.ProviderHealthList);
    }

    private static async Task<Results<JsonHttpResult<NamedProviderHealth>, JsonHttpResult<ErrorBody>>> GetHealthAsync(
        string provider, ProviderHealth health, CallWindow calls, CancellationToken cancellationToken)
    {
        if (ProviderNames.Find(provider) is not { } known)
            return NotFound(provider);
        var state = health.Of(known, await calls.GetAsync(cancellationToken));
        return TypedResults.Json(
            new NamedProviderHealth(ProviderNames.ToLegacy(known), state.Health, state.IsConfigured, state.ResponseMs, state.At, state.ErrorRate, state.Error),
            ProviderJson.Readable.NamedProviderHealth);
    }

    private static async Task<JsonHttpResult<ProviderStatsList>> ListStatsAsync(CallWindow calls, TimeProvider time, CancellationToken cancellationToken)
    {
        var figures = await calls.GetAsync(cancellationToken);
        var total = figures.Total;
        return TypedResults.Json(
            new ProviderStatsList(
                ProviderNames.All.ToDictionary(ProviderNames.ToLegacy, provider => Stats(figures.Of(provider))),
                new ProviderStatsSummary(total.Requests, total.Tokens, total.KnownCost, total.Failed, Math.Round(total.ErrorRate, 4)),
                time.GetNaiveUtcNow()),
            ProviderJson.Readable.ProviderStatsList);
    }

    private static async Task<Results<JsonHttpResult<NamedProviderStats>, JsonHttpResult<ErrorBody>>> GetStatsAsync(
        string provider, CallWindow calls, CancellationToken cancellationToken)
    {
        if (ProviderNames.Find(provider) is not { } known)
            return NotFound(provider);
        var stats = Stats((await calls.GetAsync(cancellationToken)).Of(known));
        return TypedResults.Json(
            new NamedProviderStats(
                ProviderNames.ToLegacy(known), stats.RequestsCount, stats.TotalTokens, stats.TotalCost, stats.AvgResponseTimeMs, stats.ErrorCount,
                stats.ErrorRate, stats.LastRequest, stats.UnpricedRequests),
            ProviderJson.Readable.NamedProviderStats);
    }

    private static async Task<JsonHttpResult<ProviderCheckBody>> CheckAsync(
        ProviderChecks checks, ProviderHealth health, CallWindow calls, TimeProvider time, CancellationToken cancellationToken)
    {
        var providers = await checks.CheckAsync(cancellationToken);
        var figures = await calls.GetAsync(cancellationToken);
        return TypedResults.Json(
            new ProviderCheckBody(
                "Health check triggered",
                [.. providers.Select(ProviderNames.ToLegacy)],
                providers.ToDictionary(ProviderNames.ToLegacy, provider => health.Of(provider, figures).Health),
                time.GetNaiveUtcNow()),
            ProviderJson.Readable.ProviderCheckBody);
    }

    private static ProviderBody Describe(string provider, ProviderState state, ModelCatalogue catalogue)
    {
        ChatModel[] models = [.. catalogue.All.Where(model => model.Provider == provider)];
        return new ProviderBody(
            ProviderNames.ToLegacy(provider),
            ProviderNames.Display(provider),
            catalogue.StatusOf(provider),
            state.IsConfigured,
            state.Health,
            [.. models.Select(model => model.Id)],
            [.. ModelTerms.Capabilities.Where(capability => models.Any(model => model.Can(capability)))],
            state.At);
    }

    private static ProviderStatsBody Stats(CallFigures figures) => new(
        figures.Requests,
        figures.Tokens,
        figures.KnownCost,
        (int)Math.Round(figures.AverageUs / 1000),
        figures.Failed,
        Math.Round(figures.ErrorRate, 4),
        figures.LastRequest,
        figures.Unpriced);

    /// <summary>Divided by one with all digits, so that no zeros trail.</summary>
    private static decimal? PerMillion(decimal? price) => price * 1_000_000 / 1.0000000000000000000000000000m;

    private static JsonHttpResult<ErrorBody> NotFound(string provider) => LegacyResults.NotFound($"Provider {TextRules.Cut(provider, 100, "...")} not found");
}

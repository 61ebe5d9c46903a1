using System.Security.Claims;
using Gaia.Chat.Performance;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Chat.Models;

/// <summary>The models that stream, which of them fits, and which one a user wants.</summary>
internal static class StreamingModelEndpoints
{
    /// <summary>Of a recommendation: the legacy system named this one always.</summary>
    private const double Confidence = 0.9;

    private const string DefaultActivity = "generic";
    private const string DefaultModel = "gpt-4o-mini";
    private const int DefaultVrLatency = 200;
    private const int HighThroughput = 70;
    private const int TokenLength = 4;

    private static readonly string[] Criteria = ["message_content", "activity_context", "user_preferences", "performance_requirements"];

    internal static void MapStreamingModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v0.2/chat/stream/models").WithTags("Streaming models").RequirePermission("chat", "read");
        models.MapGet("", ListAsync)
            .WithSummary("List the models that stream")
            .WithDescription("Those that can be asked here. Times are those of the last calls, or else what is expected; scores are the operator's.")
            .Produces<StreamingModelList>()
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        models.MapGet("performance", ReportAsync).WithSummary("Rank the models that stream").Produces<StreamingPerformanceReport>();
        models.MapGet("recommend", RecommendAsync)
            .WithSummary("Recommend a model for a stream")
            .Produces<StreamingRecommendation>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        models.MapGet("vr-recommendation", RecommendForVrAsync)
            .WithSummary("Recommend a model for virtual reality")
            .Produces<VrRecommendation>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        models.MapGet("user-preference", GetPreferenceAsync).WithSummary("Get the model that the caller wants for streams").Produces<PreferenceState>();
        models.MapPost("user-preference", SavePreferenceAsync)
            .WithSummary("Save the model that the caller wants for streams")
            .WithDescription("It answers the caller's requests to `/api/v0.2/chat/stream` that name no model.")
            .Produces<PreferenceSaved>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        models.MapDelete("user-preference", ClearPreferenceAsync).WithSummary("Forget the model that the caller wants for streams").Produces<PreferenceCleared>();
    }

    private static async Task<JsonHttpResult<StreamingModelList>> ListAsync(
        [FromQuery(Name = "vr_only")] bool? vrOnly, ModelCatalogue catalogue, CallWindow calls, TimeProvider time, CancellationToken cancellationToken)
    {
        var all = StreamingModels.Of(catalogue.Usable, await calls.GetAsync(cancellationToken));
        StreamingModel[] shown = [.. all.Where(item => vrOnly != true || item.Expected.VrOptimized).OrderBy(item => item.TtftMs)];
        return TypedResults.Json(
            new StreamingModelList(
                [.. shown.Select(Describe)],
                "intelligent",
                Criteria,
                shown.Length,
                vrOnly == true,
                new StreamingAverages(Average(shown), shown is [] ? 0 : shown[0].TtftMs, shown.Count(item => item.Expected.VrOptimized)),
                time.GetNaiveUtcNow()),
            StreamingModelJson.Readable.StreamingModelList);
    }

    private static async Task<JsonHttpResult<StreamingPerformanceReport>> ReportAsync(
        ModelCatalogue catalogue, CallWindow calls, TimeProvider time, CancellationToken cancellationToken)
    {
        var all = StreamingModels.Of(catalogue.Usable, await calls.GetAsync(cancellationToken));
        var fastest = all.OrderBy(item => item.TtftMs).ToList();
        var best = StreamingModels.Rank(all, ModelTerms.Quality, maxTtftMs: null, vrOptimized: false).ToList();
        var cheapest = StreamingModels.Rank(all, ModelTerms.Cost, maxTtftMs: null, vrOptimized: false).ToList();
        var vr = all.OrderByDescending(item => item.Expected.Vr).ThenBy(item => item.TtftMs).ToList();
        return TypedResults.Json(
            new StreamingPerformanceReport(
                [.. all.Select(item => new RatedModel(item.Id, item.Model.Name, item.TtftMs, item.Expected.Quality, item.Expected.VrOptimized))],
                new StreamingRankings(
                    [.. fastest.Select((item, index) => new FastModel(index + 1, item.Model.Name, item.TtftMs))],
                    [.. best.Select((item, index) => new GoodModel(index + 1, item.Model.Name, item.Expected.Quality))],
                    [.. fastest.Where(item => item.Expected.VrOptimized).Select(item => new VrModel(item.Model.Name, item.TtftMs))]),
                new StreamingBest(
                    vr.FirstOrDefault(item => item.Expected.VrOptimized)?.Id,
                    best.FirstOrDefault()?.Id,
                    all.MaxBy(item => item.Balance)?.Id,
                    fastest.FirstOrDefault()?.Id),
                [.. all.Select(item => new RankedStreamingModel(
                    item.Id,
                    item.Model.Name,
                    ProviderNames.ToLegacy(item.Model.Provider),
                    item.Performance,
                    new StreamingRanks(fastest.IndexOf(item) + 1, best.IndexOf(item) + 1, cheapest.IndexOf(item) + 1, vr.IndexOf(item) + 1),
                    item.Scores,
                    StrengthsOf(item)))],
                new StreamingStatistics(
                    all.Count, all.Count(item => item.Expected.VrOptimized), Average(all), fastest.FirstOrDefault()?.Id, all.MaxBy(item => item.TokensPerSecond)?.Id),
                time.GetNaiveUtcNow()),
            StreamingModelJson.Readable.StreamingPerformanceReport);
    }

    private static async Task<Results<JsonHttpResult<StreamingRecommendation>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> RecommendAsync(
        string? message,
        string? activity,
        string? priority,
        [FromQuery(Name = "max_response_time_ms")] int? maxResponseTimeMs,
        [FromQuery(Name = "vr_optimized")] bool? vrOptimized,
        ModelCatalogue catalogue,
        CallWindow calls,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (message is null)
            return MissingMessage();
        if (ModelTerms.Find(ModelTerms.Priorities, priority ?? ModelTerms.Balanced) is not { } wanted)
            return LegacyResults.BadRequest($"Invalid priority: {ModelEndpoints.Echo(priority!)}");

        var all = StreamingModels.Of(catalogue.Usable, await calls.GetAsync(cancellationToken));
        var ranked = StreamingModels.Rank(all, wanted, maxResponseTimeMs, vrOptimized == true);
        if (ranked is not [var best, .. var others])
            return LegacyResults.BadRequest("No models meet the specified requirements");
        var tokens = Math.Max(1, message.Length / TokenLength);
        return TypedResults.Json(
            new StreamingRecommendation(
                best.Id,
                ProviderNames.ToLegacy(best.Model.Provider),
                Confidence,
                $"{best.Model.Name} fits the priority {wanted} best: {best.TtftMs} ms to the first token, {best.TokensPerSecond} tokens per second",
                best.Performance,
                [.. others.Take(3).Select(item => new StreamingAlternative(
                    item.Id,
                    ProviderNames.ToLegacy(item.Model.Provider),
                    item.TtftMs,
                    item.TokensPerSecond,
                    $"Quality {item.Expected.Quality} of 10, {item.TtftMs} ms to the first token"))],
                CallRecord.CostOf(best.Model, tokens, tokens / 2),
                best.TtftMs,
                Describe(best),
                new StreamingCriteria(wanted, vrOptimized == true, maxResponseTimeMs, activity is null ? DefaultActivity : ModelEndpoints.Echo(activity)),
                time.GetNaiveUtcNow()),
            StreamingModelJson.Readable.StreamingRecommendation);
    }

    private static async Task<Results<JsonHttpResult<VrRecommendation>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> RecommendForVrAsync(
        string? message,
        [FromQuery(Name = "max_latency_ms")] int? maxLatencyMs,
        ModelCatalogue catalogue,
        CallWindow calls,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (message is null)
            return MissingMessage();
        var limit = maxLatencyMs ?? DefaultVrLatency;
        if (StreamingModels.RankForVr(StreamingModels.Of(catalogue.Usable, await calls.GetAsync(cancellationToken)), limit) is not [var best, .. var others])
            return LegacyResults.BadRequest($"No VR-optimized models available under {limit}ms latency");
        return TypedResults.Json(
            new VrRecommendation(
                best.Id,
                ProviderNames.ToLegacy(best.Model.Provider),
                best.Expected.Vr,
                best.TtftMs,
                best.TokensPerSecond,
                $"{best.Model.Name} suits VR best: {best.TtftMs} ms to the first token, {best.TokensPerSecond} tokens per second",
                new VrFeatures(true, best.TokensPerSecond > HighThroughput, best.Expected.MaxConcurrent),
                [.. others.Take(2).Select(item => new VrAlternative(item.Id, item.TtftMs, item.Expected.Vr))],
                time.GetNaiveUtcNow()),
            StreamingModelJson.Readable.VrRecommendation);
    }

    private static async Task<JsonHttpResult<PreferenceState>> GetPreferenceAsync(
        ClaimsPrincipal user, StreamingPreferences preferences, ModelCatalogue catalogue, CancellationToken cancellationToken)
    {
        var saved = await preferences.FindAsync(user.UserId(), cancellationToken);
        var usual = (catalogue.Find(DefaultModel) ?? catalogue.Default).Id;
        return TypedResults.Json(
            new PreferenceState(saved is not null, saved, saved is null ? new DefaultPreference(usual, ModelTerms.Balanced, false) : null),
            StreamingModelJson.Readable.PreferenceState);
    }

    private static async Task<Results<JsonHttpResult<PreferenceSaved>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> SavePreferenceAsync(
        [FromQuery(Name = "model_id")] string? modelId,
        string? priority,
        [FromQuery(Name = "vr_mode")] bool? vrMode,
        ClaimsPrincipal user,
        StreamingPreferences preferences,
        ModelCatalogue catalogue,
        CancellationToken cancellationToken)
    {
        if (modelId is null)
            return LegacyResults.Invalid("missing", "Send model_id in the query: one of GET /api/v0.2/models", "query", "model_id");
        if (catalogue.FindAny(modelId) is not { } model)
            return LegacyResults.BadRequest($"Invalid model ID: {ModelEndpoints.Echo(modelId)}");
        if (!catalogue.IsUsable(model) || !model.Can(ModelTerms.Streaming))
            return LegacyResults.BadRequest($"Invalid model ID: {model.Id} cannot be streamed here. Use one of GET /api/v0.2/models");
        if (ModelTerms.Find(ModelTerms.Priorities, priority ?? ModelTerms.Balanced) is not { } wanted)
            return LegacyResults.BadRequest($"Invalid priority: {ModelEndpoints.Echo(priority!)}");
        var saved = await preferences.SaveAsync(user.UserId(), model.Id, wanted, vrMode == true, cancellationToken);
        return TypedResults.Json(new PreferenceSaved("success", "Streaming preference saved", saved), StreamingModelJson.Readable.PreferenceSaved);
    }

    private static async Task<JsonHttpResult<PreferenceCleared>> ClearPreferenceAsync(
        ClaimsPrincipal user, StreamingPreferences preferences, CancellationToken cancellationToken) =>
        TypedResults.Json(
            new PreferenceCleared("success", "Streaming preference cleared", await preferences.ClearAsync(user.UserId(), cancellationToken)),
            StreamingModelJson.Readable.PreferenceCleared);

    private static StreamingModelBody Describe(StreamingModel item) => new(
        item.Id,
        item.Model.Name,
        item.Model.Provider,
        item.TtftMs,
        item.Expected.Quality,
        item.Expected.VrOptimized,
        item.Id,
        StrengthsOf(item),
        item.Performance,
        item.Scores,
        item.Model.ContextWindow,
        item.IsMeasured);

    private static IReadOnlyList<string> StrengthsOf(StreamingModel item) =>
        item.Expected.Strengths is [] ? item.Model.CapabilityList : item.Expected.Strengths;

    private static int Average(IReadOnlyCollection<StreamingModel> models) => models.Count == 0 ? 0 : (int)models.Average(item => item.TtftMs);

    private static JsonHttpResult<ValidationErrorBody> MissingMessage() =>
        LegacyResults.Invalid("missing", "Send message in the query: what the user says", "query", "message");
}

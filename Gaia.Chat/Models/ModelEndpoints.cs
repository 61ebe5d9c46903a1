using Gaia.Chat.Performance;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Chat.Models;

/// <summary>The catalogue of models: what the settings say of them, and how quickly they answered of late.</summary>
internal static class ModelEndpoints
{
    private const string AllModels = "all";

    /// <summary>The legacy system knew these without having them; a client may ask for their models.</summary>
    private static readonly string[] AbsentProviders = ["gemini", "mistral"];

    internal static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v0.2/models").WithTags("Models").RequirePermission("chat", "read");
        models.MapGet("", ListAsync)
            .WithSummary("List the models")
            .WithDescription(
                "Those that can be asked here; with `status=all` or `status=not_configured` those whose provider has no key, too. " +
                "`avg_response_time_ms` is how long they took to begin their answers of late, or is expected of them; scores and prices are the operator's.")
            .Produces<ModelList>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        models.MapGet("capabilities", static () => TypedResults.Json(new CapabilityList(ModelTerms.Capabilities, ModelTerms.Capabilities.Count), ModelJson.Readable.CapabilityList))
            .WithSummary("List what models may be able to do").Produces<CapabilityList>();
        models.MapGet("priorities", static () => TypedResults.Json(new PriorityList(ModelTerms.Priorities, ModelTerms.Priorities.Count), ModelJson.Readable.PriorityList))
            .WithSummary("List what may matter in the choice of a model").Produces<PriorityList>();
        models.MapGet("contexts", static () => TypedResults.Json(new ContextList(ModelTerms.Contexts, ModelTerms.Contexts.Count), ModelJson.Readable.ContextList))
            .WithSummary("List the kinds of talk").Produces<ContextList>();
        models.MapPost("recommend", ModelAdvice.RecommendAsync)
            .WithSummary("Recommend a model for a message")
            .WithBody<RecommendationRequestBody>()
            .Produces<ModelRecommendation>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        models.MapGet("compare", ModelAdvice.CompareAsync)
            .WithSummary("Compare two to ten models")
            .Produces<ModelComparison>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest);
        models.MapGet("{model_id}", GetAsync)
            .WithSummary("Get a model").Produces<ModelBody>().Produces<ErrorBody>(StatusCodes.Status404NotFound);

        var aliases = routes.MapGroup("/api/v1/models").WithTags("Models").RequirePermission("chat", "read");
        aliases.MapGet("", ListAsync)
            .WithSummary("List the models")
            .Produces<ModelList>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        aliases.MapGet("{model_id}", GetAsync)
            .WithSummary("Get a model").Produces<ModelBody>().Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<JsonHttpResult<ModelList>, JsonHttpResult<ErrorBody>>> ListAsync(
        string? provider,
        string? capability,
        [FromQuery(Name = "max_response_time_ms")] int? maxResponseTimeMs,
        string? status,
        ModelCatalogue catalogue,
        CallWindow calls,
        CancellationToken cancellationToken)
    {
        var wantedProvider = string.IsNullOrEmpty(provider) ? null : ProviderNames.Find(provider) ?? AbsentProviders.FirstOrDefault(name => name.Equals(provider, StringComparison.OrdinalIgnoreCase));
        if (wantedProvider is null && !string.IsNullOrEmpty(provider))
            return LegacyResults.BadRequest($"Invalid provider: {Echo(provider)}");
        var wantedCapability = string.IsNullOrEmpty(capability) ? null : ModelTerms.Find(ModelTerms.Capabilities, capability);
        if (wantedCapability is null && !string.IsNullOrEmpty(capability))
            return LegacyResults.BadRequest($"Invalid capability: {Echo(capability)}");
        status ??= ModelCatalogue.Available;
        if (status is not (ModelCatalogue.Available or ModelCatalogue.NotConfigured or AllModels))
            return LegacyResults.BadRequest($"Invalid status: {Echo(status)}");

        var figures = await calls.GetAsync(cancellationToken);
        ModelBody[] models = [.. catalogue.All
            .Where(model => (wantedProvider is null || model.Provider == wantedProvider)
                && (wantedCapability is null || model.Can(wantedCapability))
                && (status == AllModels || catalogue.StatusOf(model.Provider) == status)
                && (maxResponseTimeMs is null || ModelSelector.ResponseMs(model, figures) <= maxResponseTimeMs))
            .Select(model => Describe(model, catalogue, figures))];
        return TypedResults.Json(
            new ModelList(models, models.Length, new ModelFilters(provider, capability, maxResponseTimeMs, status)), ModelJson.Readable.ModelList);
    }

    private static async Task<Results<JsonHttpResult<ModelBody>, JsonHttpResult<ErrorBody>>> GetAsync(
        [FromRoute(Name = "model_id")] string modelId, ModelCatalogue catalogue, CallWindow calls, CancellationToken cancellationToken) =>
        catalogue.FindAny(modelId) is { } model
            ? TypedResults.Json(Describe(model, catalogue, await calls.GetAsync(cancellationToken)), ModelJson.Readable.ModelBody)
            : LegacyResults.NotFound($"Model not found: {Echo(modelId)}");

    internal static string Echo(string text) => TextRules.Cut(text, 100, "...");

    private static ModelBody Describe(ChatModel model, ModelCatalogue catalogue, CallFiguresTable figures) => Describe(model, catalogue, figures.Of(model));

    private static ModelBody Describe(ChatModel model, ModelCatalogue catalogue, CallFigures measured) => new(
        model.Id,
        model.Name,
        ProviderNames.ToLegacy(model.Provider),
        model.CapabilityList,
        model.MaxOutputTokens,
        model.ContextWindow,
        model.InputTokenPrice,
        model.OutputTokenPrice,
        measured.FirstChunkMs ?? model.AverageResponseMs,
        model.QualityScore,
        model.SpeedScore,
        model.Description,
        model.IsDeprecated,
        model.SupportsSystemPrompt,
        model.SupportsTemperature,
        model.Can(ModelTerms.Streaming),
        catalogue.StatusOf(model.Provider),
        measured.FirstChunkMs is not null,
        measured.Requests,
        measured.Requests == 0 ? null : Math.Round(measured.ErrorRate, 4),
        measured.Tokens,
        measured.KnownCost);
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gaia.Chat.Completions;
using Gaia.Chat.Performance;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Models;

/// <summary>Recommends and compares models.</summary>
internal static class ModelAdvice
{
    private const int MinCompared = 2;
    private const int MaxCompared = 10;

    /// <summary>Characters of a token, roughly: for an estimate before anything is sent.</summary>
    private const int TokenLength = 4;

    internal static async Task<Results<JsonHttpResult<ModelRecommendation>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> RecommendAsync(
        HttpContext http, ModelSelector selector, CallWindow calls, IOptions<ChatSettings> settings, CancellationToken cancellationToken)
    {
        ModelWish? wish;
        using (var body = await JsonBody.ReadAsync(http.Request, RequestReader.MaxBodySize, emptyIsObject: false, cancellationToken))
        {
            if (!TryRead(body, settings.Value.MaxMessageLength, out wish, out var invalid, out var mistake))
                return invalid is not null ? invalid : mistake!;
        }

        var figures = await calls.GetAsync(cancellationToken);
        if (selector.Recommend(wish) is not { } choice)
            return LegacyResults.BadRequest($"No models available for provider: {ModelEndpoints.Echo(wish.Provider ?? "")}");

        var (model, tokens) = (choice.Model, Math.Max(1, wish.Message.Length / TokenLength));
        return TypedResults.Json(
            new ModelRecommendation(
                model.Id,
                ProviderNames.ToLegacy(model.Provider),
                Math.Round(choice.Confidence, 3),
                choice.Reasoning,
                [.. choice.Alternatives.Select(other => new ModelAlternative(
                    other.Id, ProviderNames.ToLegacy(other.Provider), other.QualityScore, ModelSelector.ResponseMs(other, figures), other.InputTokenPrice))],
                CallRecord.CostOf(model, tokens, tokens / 2),
                ModelSelector.ResponseMs(model, figures),
                new RecommendedModelInfo(model.Name, model.CapabilityList, model.MaxOutputTokens, model.ContextWindow, model.QualityScore, model.SpeedScore)),
            ModelJson.Readable.ModelRecommendation);
    }

    internal static async Task<Results<JsonHttpResult<ModelComparison>, JsonHttpResult<ErrorBody>>> CompareAsync(
        [FromQuery(Name = "model_ids")] string? modelIds, ModelCatalogue catalogue, ModelSelector selector, CallWindow calls, CancellationToken cancellationToken)
    {
        string[] ids = [.. (modelIds ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (ids.Length < MinCompared)
            return LegacyResults.BadRequest($"At least {MinCompared} model IDs are required for comparison: model_ids=a,b");
        if (ids.Length > MaxCompared)
            return LegacyResults.BadRequest($"At most {MaxCompared} models can be compared at once");
        ChatModel[] models = [.. ids.Select(catalogue.FindAny).OfType<ChatModel>()];
        if (models is [])
            return LegacyResults.BadRequest("No valid models found");

        var figures = await calls.GetAsync(cancellationToken);
        return TypedResults.Json(
            new ModelComparison(
                models.ToDictionary(model => model.Id, model => new ComparedModel(
                    model.Name,
                    ProviderNames.ToLegacy(model.Provider),
                    model.QualityScore,
                    model.SpeedScore,
                    ModelSelector.ResponseMs(model, figures),
                    model.InputTokenPrice,
                    model.OutputTokenPrice,
                    model.CapabilityList,
                    model.ContextWindow,
                    model.MaxOutputTokens)),
                new BestModels(
                    models.MinBy(model => ModelSelector.ResponseMs(model, figures))!.Id,
                    models.MaxBy(model => model.QualityScore)!.Id,
                    models.Where(model => CallRecord.CostOf(model, 1, 1) is not null).MinBy(model => CallRecord.CostOf(model, 1, 1))?.Id,
                    models.MaxBy(model => selector.OverallScore(model, figures))!.Id),
                new ComparisonSummary(models.Length, [.. ids.Where(id => catalogue.FindAny(id) is null)])),
            ModelJson.Readable.ModelComparison);
    }

    private static bool TryRead(
        JsonBody body,
        int maxMessageLength,
        [NotNullWhen(true)] out ModelWish? wish,
        out JsonHttpResult<ErrorBody>? invalid,
        out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        wish = null;
        invalid = null;
        mistake = body.Error;
        if (mistake is not null
            || !body.TryGetText("message", out var message, out mistake)
            || !body.TryGetText("provider", out var provider, out mistake)
            || !body.TryGetText("priority", out var priority, out mistake)
            || !body.TryGetText("context_type", out var context, out mistake)
            || !TryGetMilliseconds(body, out var limit, out mistake)
            || !TryGetCapabilities(body, out var capabilities, out mistake))
            return false;
        if (message is null)
            mistake = LegacyResults.Invalid("missing", "Send message: what the user says", "body", "message");
        else if (message.Length > maxMessageLength)
            mistake = LegacyResults.Invalid("string_too_long", $"message must have at most {maxMessageLength} characters", "body", "message");
        else if (priority is not null && ModelTerms.Find(ModelTerms.Priorities, priority) is null)
            invalid = LegacyResults.BadRequest($"Invalid priority: {ModelEndpoints.Echo(priority)}");
        else if (context is not null && ModelTerms.Find(ModelTerms.Contexts, context) is null)
            invalid = LegacyResults.BadRequest($"Invalid context_type: {ModelEndpoints.Echo(context)}");
        else if (provider is not null && ProviderNames.Find(provider) is null)
            invalid = LegacyResults.BadRequest($"Invalid provider: {ModelEndpoints.Echo(provider)}");
        else if (capabilities.FirstOrDefault(capability => ModelTerms.Find(ModelTerms.Capabilities, capability) is null) is { } unknown)
            invalid = LegacyResults.BadRequest($"Invalid capability: {ModelEndpoints.Echo(unknown)}");
        if (mistake is not null || invalid is not null)
            return false;

        wish = new ModelWish(message!)
        {
            Provider = provider,
            Priority = priority,
            ContextType = context,
            MaxResponseTimeMs = limit,
            RequiredCapabilities = capabilities,
            AutoSelect = true,
        };
        return true;
    }

    private static bool TryGetMilliseconds(JsonBody body, out int? milliseconds, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        milliseconds = null;
        mistake = null;
        if (!body.TryGet("max_response_time_ms", out var value))
            return true;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number))
        {
            milliseconds = number;
            return true;
        }

        mistake = LegacyResults.Invalid("int_type", "max_response_time_ms must be a whole number", "body", "max_response_time_ms");
        return false;
    }

    private static bool TryGetCapabilities(JsonBody body, out List<string> capabilities, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        capabilities = [];
        mistake = null;
        if (!body.TryGet("required_capabilities", out var list))
            return true;
        if (list.ValueKind != JsonValueKind.Array)
        {
            mistake = LegacyResults.Invalid("list_type", "required_capabilities must be a list of strings", "body", "required_capabilities");
            return false;
        }

        foreach (var item in list.EnumerateArray())
        {
            if (!JsonBody.TryReadText(item, out var text, out mistake, "required_capabilities"))
                return false;
            capabilities.Add(text!);
        }

        return true;
    }
}

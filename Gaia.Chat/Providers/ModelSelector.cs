using System.Globalization;
using Gaia.Chat.Performance;

namespace Gaia.Chat.Providers;

/// <summary>
/// Chooses the model of a request: the one it names, the first of the provider it names, or, when it asks for a selection, the
/// one that scores best for what it wants. Looks at what is in memory only.
/// </summary>
internal sealed class ModelSelector(ModelCatalogue catalogue, CallWindow calls, ProviderOutcomes outcomes)
{
    private const int MaxFallbacks = 3;

    /// <summary>From this price of a prompt's token on a model is not cheap at all.</summary>
    private const decimal DearPrice = 6e-5m;

    private const double SlowMs = 3000;
    private const double VrMs = 700;

    public ModelChoice Choose(ModelWish wish)
    {
        if (catalogue.Find(wish.Model) is { } named)
            return Take(named, wish, ModelChoiceReason.Explicit);
        var provider = wish.Provider is null ? null : ProviderNames.Find(wish.Provider);
        if (wish.AutoSelect)
            return Recommend(wish with { Provider = provider }) ?? Take(catalogue.Default, wish, ModelChoiceReason.Default);
        return catalogue.FirstOf(provider) is { } first
            ? Take(first, wish, ModelChoiceReason.Explicit)
            : Take(catalogue.Default, wish, ModelChoiceReason.Default);
    }

    /// <summary>The best model for a wish, whichever it names; null when its provider has none here.</summary>
    public ModelChoice? Recommend(ModelWish wish)
    {
        var provider = wish.Provider is null ? null : ProviderNames.Find(wish.Provider);
        var context = ModelContext.Of(wish);
        var figures = calls.Current;
        var priority = ModelTerms.Find(ModelTerms.Priorities, wish.Priority) ?? context.Priority;
        string[] wanted = [.. wish.RequiredCapabilities.Select(capability => ModelTerms.Find(ModelTerms.Capabilities, capability)).OfType<string>()];
        var required = wanted is [] ? context.Capabilities : wanted;
        var limit = wish.MaxResponseTimeMs ?? context.MaxResponseMs;

        var candidates = Candidates(provider is not null && wish.ForceProvider ? provider : null);
        var fitting = candidates.Where(model => ResponseMs(model, figures) <= limit && required.All(model.Can)).ToList();
        var relaxed = fitting.Count == 0;
        if (relaxed)
            fitting = [.. candidates.Where(model => model.Can(ModelTerms.Chat))];
        if (fitting.Count == 0)
            return null;

        var ranked = Rank(fitting, context, priority, provider, figures);
        var (best, score) = ranked[0];
        ChatModel[] alternatives = [.. ranked.Skip(1).Take(MaxFallbacks).Select(item => item.Model)];
        return new ModelChoice(
            best,
            string.Create(CultureInfo.InvariantCulture,
                $"Selected {best.Name} for {context.Name} context with {priority} priority{(relaxed ? ", as no model meets every constraint" : "")} (score {score:0.00})"),
            Math.Clamp(score, 0, 1))
        {
            Reason = ModelChoiceReason.Selected,
            Alternatives = alternatives,
            FindFallbacks = () => wish.EnableFallback ? Fallbacks(best, [.. ranked.Select(item => item.Model)], figures) : [],
        };
    }

    /// <summary>Milliseconds until the model begins to answer: as measured, or else as expected.</summary>
    public static int ResponseMs(ChatModel model, CallFiguresTable figures) => figures.Of(model).FirstChunkMs ?? model.AverageResponseMs;

    /// <summary>How good a model is for an ordinary talk.</summary>
    public double OverallScore(ChatModel model, CallFiguresTable figures) => Score(model, ModelContext.Ordinary, ModelTerms.Balanced, figures);

    private ModelChoice Take(ChatModel model, ModelWish wish, ModelChoiceReason reason) =>
        new(model, $"Explicit model selection: {model.Id}", 1)
        {
            Reason = reason,
            FindFallbacks = () => wish.EnableFallback ? Fallbacks(model, [], calls.Current) : [],
        };

    /// <summary>What may be selected: nothing outdated, and the offline model only where there is no other.</summary>
    private List<ChatModel> Candidates(string? provider)
    {
        var models = catalogue.Usable.Where(model => provider is null ? model.Provider != ProviderNames.Local : model.Provider == provider).ToList();
        if (models.Count == 0 && provider is null)
            models = [.. catalogue.Usable];
        return models.Exists(model => !model.IsDeprecated) ? models.FindAll(model => !model.IsDeprecated) : models;
    }

    private List<(ChatModel Model, double Score)> Rank(List<ChatModel> models, ModelContext context, string priority, string? provider, CallFiguresTable figures) =>
        [.. models
            .Select(model => (Model: model, Score: Score(model, context, priority, figures) + (model.Provider == provider ? 0.1 : 0)))
            .OrderByDescending(item => item.Score).ThenBy(item => item.Model.Id, StringComparer.Ordinal)];

    /// <summary>A provider that is down takes all of its models along, so that the best of another one comes first.</summary>
    /// <param name="ranked">Those that fit what is asked for, best first; none when the model was named.</param>
    private List<ChatModel> Fallbacks(ChatModel chosen, IReadOnlyList<ChatModel> ranked, CallFiguresTable figures)
    {
        var others = Candidates(provider: null);
        others.RemoveAll(model => model == chosen || model.Provider == ProviderNames.Local);
        others = [.. ranked.Where(others.Contains), .. others.Except(ranked).OrderByDescending(model => OverallScore(model, figures))];
        return others.Find(model => model.Provider != chosen.Provider) is { } first
            ? [first, .. others.Where(model => model != first).Take(MaxFallbacks - 1)]
            : [.. others.Take(MaxFallbacks)];
    }

    private double Score(ChatModel model, ModelContext context, string priority, CallFiguresTable figures)
    {
        double ms = ResponseMs(model, figures);
        var score = (0.4 * model.QualityScore) + (0.3 * Math.Max(0, (SlowMs - ms) / SlowMs));
        score += priority switch
        {
            ModelTerms.Speed => 0.5 * model.SpeedScore,
            ModelTerms.Quality => 0.5 * model.QualityScore,
            ModelTerms.Cost => model.InputTokenPrice is { } price ? 0.5 * (double)Math.Max(0, (DearPrice - price) / DearPrice) : 0,
            ModelTerms.Vr => (ms < VrMs ? 0.5 : 0) + (model.Can(ModelTerms.Streaming) ? 0.2 : 0),
            _ => 0,
        };
        score += context.Name switch
        {
            ModelTerms.Technical => (model.Can(ModelTerms.CodeGeneration) ? 0.2 : 0) + (model.Can(ModelTerms.ToolCalling) ? 0.2 : 0),
            ModelTerms.Creative => model.Can(ModelTerms.LongContext) ? 0.2 : 0,
            ModelTerms.Multimodal => (model.Can(ModelTerms.Vision) ? 0.5 : 0) + (model.Can(ModelTerms.Multimodal) ? 0.3 : 0),
            _ => 0,
        };
        if (model.Provider == ProviderNames.Anthropic)
            score += 0.1;
        return score - Math.Max(outcomes.Penalty(model.Provider), figures.Of(model.Provider).Penalty);
    }
}

namespace Gaia.Chat.Providers;

/// <summary>Chooses the model that answers a request.</summary>
internal sealed class ModelSelector(ModelCatalogue catalogue)
{
    public ModelChoice Choose(ModelWish wish)
    {
        var model = catalogue.FindOrDefault(wish.Model);
        return new ModelChoice(model, $"Explicit model selection: {model.Id}", Confidence: 1, Fallbacks: []);
    }
}

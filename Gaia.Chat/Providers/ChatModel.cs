using Microsoft.Extensions.Options;

namespace Gaia.Chat.Providers;

/// <summary>A model of the catalogue. Section <c>Models</c>.</summary>
public sealed class ChatModel
{
    /// <summary>As the provider and the wire name it.</summary>
    public string Id { get; set; } = "";

    /// <summary><c>openai</c>, <c>anthropic</c> or <c>gaia</c>.</summary>
    public string Provider { get; set; } = "";

    public string Name { get; set; } = "";

    /// <summary>Tokens of prompt and answer together.</summary>
    public int ContextWindow { get; set; }

    /// <summary>Tokens of one answer.</summary>
    public int MaxOutputTokens { get; set; }

    /// <summary>USD for each token of the prompt; null when it is not known.</summary>
    public decimal? InputTokenPrice { get; set; }

    /// <summary>USD for each token of the answer; null when it is not known.</summary>
    public decimal? OutputTokenPrice { get; set; }
}

/// <summary>The section <c>Models</c> as a whole.</summary>
public sealed class ChatModels : List<ChatModel>
{
    public const string Section = "Models";
}

internal sealed class ChatModelsValidator : IValidateOptions<ChatModels>
{
    public ValidateOptionsResult Validate(string? name, ChatModels options)
    {
        var mistakes = options
            .Where(model => string.IsNullOrWhiteSpace(model.Id) || !ProviderNames.All.Contains(model.Provider) || model.MaxOutputTokens <= 0 || model.ContextWindow <= model.MaxOutputTokens)
            .Select(model => $"Models: '{model.Id}' needs an Id, a Provider ({string.Join(", ", ProviderNames.All)}), MaxOutputTokens above zero and a larger ContextWindow.")
            .Concat(options.GroupBy(model => model.Id, StringComparer.OrdinalIgnoreCase).Where(group => group.Skip(1).Any()).Select(group => $"Models: '{group.Key}' is there twice."))
            .ToList();
        return mistakes is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }
}

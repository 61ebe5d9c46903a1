using Microsoft.Extensions.Options;

namespace Gaia.Chat.Providers;

/// <summary>
/// A model of the catalogue. Section <c>Models</c>. Qualities and times are the operator's expectation; where a model has been
/// asked, what was measured takes the place of the times.
/// </summary>
public sealed class ChatModel
{
    /// <summary>As the provider and the wire name it.</summary>
    public string Id { get; set; } = "";

    /// <summary><c>openai</c>, <c>anthropic</c> or <c>gaia</c>.</summary>
    public string Provider { get; set; } = "";

    public string Name { get; set; } = "";

    public string Description { get; set; } = "";

    /// <summary>Tokens of prompt and answer together.</summary>
    public int ContextWindow { get; set; }

    /// <summary>Tokens of one answer.</summary>
    public int MaxOutputTokens { get; set; }

    /// <summary>Of <see cref="ModelTerms.Capabilities"/>; <c>chat</c> and <c>streaming</c> when none is named.</summary>
    public IReadOnlyList<string> Capabilities { get; set; } = [];

    /// <summary>USD for one token of a prompt. Null is not known, zero is free.</summary>
    public decimal? InputTokenPrice { get; set; }

    /// <summary>USD for one token of an answer. Null is not known, zero is free.</summary>
    public decimal? OutputTokenPrice { get; set; }

    /// <summary>From 0 to 1.</summary>
    public double QualityScore { get; set; } = 0.5;

    /// <summary>From 0 to 1.</summary>
    public double SpeedScore { get; set; } = 0.5;

    /// <summary>Milliseconds until it begins to answer.</summary>
    public int AverageResponseMs { get; set; } = 1000;

    /// <summary>Answers who names it, and is not recommended.</summary>
    public bool IsDeprecated { get; set; }

    public bool SupportsSystemPrompt { get; set; } = true;

    public bool SupportsTemperature { get; set; } = true;

    /// <summary>What is expected of its streams; a model without is no streaming model.</summary>
    public StreamingFigures? Streaming { get; set; }

    /// <summary>What it can do, in every case.</summary>
    internal IReadOnlyList<string> CapabilityList => Capabilities is [] ? [ModelTerms.Chat, ModelTerms.Streaming] : Capabilities;

    internal bool Can(string capability) =>
        Capabilities is [] ? capability is ModelTerms.Chat or ModelTerms.Streaming : Capabilities.Contains(capability, StringComparer.Ordinal);
}

/// <summary>How a model streams.</summary>
public sealed class StreamingFigures
{
    /// <summary>Milliseconds.</summary>
    public int TimeToFirstToken { get; set; }

    public int TokensPerSecond { get; set; }

    /// <summary>Streams that its provider bears at once.</summary>
    public int MaxConcurrent { get; set; }

    /// <summary>Whether it is quick enough for virtual reality.</summary>
    public bool VrOptimized { get; set; }

    /// <summary>From 0 to 10, as the other scores.</summary>
    public double Speed { get; set; }

    public double Quality { get; set; }

    /// <summary>The cheaper the higher.</summary>
    public double Cost { get; set; }

    public double Vr { get; set; }

    /// <summary>What it is good at, in the words of the streaming routes.</summary>
    public IReadOnlyList<string> Strengths { get; set; } = [];
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
            .Concat(options
                .Where(model => model.Capabilities.Any(capability => !ModelTerms.Capabilities.Contains(capability)))
                .Select(model => $"Models: '{model.Id}' has Capabilities that do not exist: use {string.Join(", ", ModelTerms.Capabilities)}."))
            .Concat(options
                .Where(model => model is { InputTokenPrice: < 0 } or { OutputTokenPrice: < 0 } || model.QualityScore is not (>= 0 and <= 1) || model.SpeedScore is not (>= 0 and <= 1) || model.AverageResponseMs <= 0)
                .Select(model => $"Models: '{model.Id}' needs prices from zero or none, QualityScore and SpeedScore from 0 to 1, and AverageResponseMs above zero."))
            .Concat(options
                .Where(model => model.Streaming is { } streaming
                    && (streaming.TimeToFirstToken <= 0 || streaming.TokensPerSecond <= 0 || streaming.MaxConcurrent <= 0 || !model.Can(ModelTerms.Streaming)))
                .Select(model => $"Models: '{model.Id}' needs the capability streaming and Streaming figures above zero, or no Streaming at all."))
            .ToList();
        return mistakes is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }
}

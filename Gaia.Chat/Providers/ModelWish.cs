namespace Gaia.Chat.Providers;

/// <summary>What a request says of the model it would like. Names are as sent; those that mean nothing here are passed over.</summary>
/// <param name="Message">What the user says: it tells what kind of conversation this is.</param>
internal sealed record ModelWish(string Message)
{
    public string? Model { get; init; }

    public string? Provider { get; init; }

    public string? Activity { get; init; }

    /// <summary>Whether the model is chosen by what the request is like; otherwise it is the one named, or the default.</summary>
    public bool AutoSelect { get; init; }

    public bool ForceProvider { get; init; } = true;

    public string? Priority { get; init; }

    public string? ContextType { get; init; }

    public int? MaxResponseTimeMs { get; init; }

    public IReadOnlyList<string> RequiredCapabilities { get; init; } = [];

    /// <summary>Whether another provider may answer when the first fails before its first word.</summary>
    public bool EnableFallback { get; init; } = true;
}

/// <summary>Why a model answers.</summary>
internal enum ModelChoiceReason
{
    /// <summary>The request named it, or its provider.</summary>
    Explicit,

    /// <summary>The request named none, or none that is here.</summary>
    Default,

    /// <summary>It fits best what the request is like.</summary>
    Selected,
}

/// <summary>The model that answers, and why.</summary>
/// <param name="Reasoning">For the client to read, as the whole answers of v0.2 say it.</param>
/// <param name="Confidence">From 0 to 1.</param>
internal sealed record ModelChoice(ChatModel Model, string Reasoning, double Confidence)
{
    /// <summary>
    /// Best first, for when the model fails before its first word: one of another provider before all others of its own. Never the offline model.
    /// </summary>
    public IReadOnlyList<ChatModel> Fallbacks => field ??= FindFallbacks();

    /// <summary>Asked when there is need of one, which is seldom.</summary>
    public Func<IReadOnlyList<ChatModel>> FindFallbacks { private get; init; } = static () => [];

    public ModelChoiceReason Reason { get; init; }

    /// <summary>The next best of a selection, whoever provides them.</summary>
    public IReadOnlyList<ChatModel> Alternatives { get; init; } = [];

    /// <summary>As the streams of v0.2 say it.</summary>
    public string StreamReasoning => Reason switch
    {
        ModelChoiceReason.Explicit => $"Force-selected: {Model.Id} (intelligence disabled)",
        ModelChoiceReason.Default => $"Default model: {Model.Id} (single model mode)",
        ModelChoiceReason.Selected => Reasoning,
    };
}

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

    public bool ForceModelOverride { get; init; }

    /// <summary>Whether another provider may answer when the first fails before its first word.</summary>
    public bool EnableFallback { get; init; } = true;
}

/// <summary>The model that answers, and why.</summary>
/// <param name="Reasoning">For the client to read.</param>
/// <param name="Confidence">From 0 to 1.</param>
/// <param name="Fallbacks">Of other providers, best first, for when the model fails before its first word. Never the offline model.</param>
internal sealed record ModelChoice(ChatModel Model, string Reasoning, double Confidence, IReadOnlyList<ChatModel> Fallbacks);

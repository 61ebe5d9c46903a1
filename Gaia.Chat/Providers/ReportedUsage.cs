using Microsoft.Extensions.AI;

namespace Gaia.Chat.Providers;

/// <summary>
/// The tokens of one call as its provider reports them, in one piece of the answer or several. What is reported again is what there was until
/// then and what came since, so that the largest number counts.
/// </summary>
internal sealed class ReportedUsage
{
    /// <summary>Null until it was reported.</summary>
    public long? Input { get; private set; }

    /// <summary>Null until it was reported.</summary>
    public long? Output { get; private set; }

    public void Add(UsageDetails usage)
    {
        if (usage.InputTokenCount is { } input)
            Input = Math.Max(Input ?? 0, input);
        if (usage.OutputTokenCount is { } output)
            Output = Math.Max(Output ?? 0, output);
    }
}

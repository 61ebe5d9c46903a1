using Gaia.Chat.Providers;

namespace Gaia.Chat.Performance;

/// <summary>What a window of calls comes to: of one model, of one provider (<see cref="Model"/> is null), or of all (both are null).</summary>
/// <param name="Provider">As stored.</param>
/// <param name="Completed">Calls whose answer is whole; the durations are theirs.</param>
/// <param name="Failed">Calls that ended with a failure; clients that left are none.</param>
/// <param name="AverageUs">Microseconds, as all durations here.</param>
/// <param name="FirstChunkUs">Mean time until the answer began; null when none did.</param>
/// <param name="AnsweringUs">Time from the first piece of the answers to the last, in all.</param>
/// <param name="AnsweredTokens">Tokens of the answers that were made in <paramref name="AnsweringUs"/>.</param>
/// <param name="Cost">USD, of the calls whose price is known.</param>
/// <param name="Unpriced">Calls whose price is not known.</param>
/// <param name="LastHour">Calls of the last hour.</param>
/// <param name="RecentEnded">Calls of the last five minutes that came to an end by themselves.</param>
/// <param name="RecentFailed">Those of them in which the provider failed.</param>
/// <param name="Since">Where the window begins, whether anything was called or not.</param>
internal sealed record CallFigures(
    string? Provider,
    string? Model,
    long Requests,
    long Completed,
    long Failed,
    double AverageUs,
    double MedianUs,
    double P95Us,
    long MinUs,
    long MaxUs,
    double? FirstChunkUs,
    long AnsweringUs,
    long AnsweredTokens,
    long Tokens,
    decimal Cost,
    long Unpriced,
    long LastHour,
    long RecentEnded,
    long RecentFailed,
    DateTime Since,
    DateTime? FirstRequest,
    DateTime? LastRequest,
    DateTime? LastFailure)
{
    public static CallFigures None { get; } = new(null, null, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, 0, 0, 0, 0, 0, 0, 0, default, null, null, null);

    /// <summary>Milliseconds until an answer began, null when nothing was measured.</summary>
    public int? FirstChunkMs => FirstChunkUs is { } us ? Math.Max(1, (int)Math.Round(us / 1000)) : null;

    /// <summary>Tokens of answers per second, null when nothing was measured.</summary>
    public double? TokensPerSecond => AnsweringUs > 0 && AnsweredTokens > 0 ? AnsweredTokens * 1e6 / AnsweringUs : null;

    /// <summary>From 0 to 1.</summary>
    public double ErrorRate => Requests == 0 ? 0 : (double)Failed / Requests;

    /// <summary>What a provider that fails loses in a selection.</summary>
    public double Penalty => ProviderOutcomes.PenaltyOf(RecentEnded, RecentFailed);

    /// <summary>USD; null when there were calls and none of them has a known price.</summary>
    public decimal? KnownCost => Requests > 0 && Unpriced == Requests ? null : Cost;
}

/// <summary>The figures of one window of calls.</summary>
internal sealed class CallFiguresTable(IReadOnlyList<CallFigures> rows)
{
    public static CallFiguresTable Empty { get; } = new([]);

    public CallFigures Total { get; } = rows.FirstOrDefault(row => row.Provider is null) ?? CallFigures.None;

    /// <summary>By provider, those that were called.</summary>
    public IReadOnlyDictionary<string, CallFigures> Providers { get; } =
        rows.Where(row => row is { Provider: not null, Model: null }).ToDictionary(row => row.Provider!, StringComparer.Ordinal);

    private readonly Dictionary<(string, string), CallFigures> _models = rows.Where(row => row.Model is not null).ToDictionary(row => (row.Provider!, row.Model!));

    public CallFigures Of(string provider) => Providers.GetValueOrDefault(provider, CallFigures.None);

    public CallFigures Of(ChatModel model) => _models.GetValueOrDefault((model.Provider, model.Id), CallFigures.None);
}

namespace Gaia.Chat.Performance;

/// <summary>Where the time of the last answers went.</summary>
internal static class StageAnalyzer
{
    /// <summary>Seconds from which on a stage is a bottleneck.</summary>
    private const double Bottleneck = 1;

    private const int SlowestShown = 3;
    private const string Whole = "total";
    private const string ModelCall = "llm_api_call";

    private static readonly string[] Stages = ["authentication", "request_validation", "provider_selection", ModelCall, "response_processing", "streaming_setup"];

    public static StageReport Report(IReadOnlyList<StageFigures> figures, int limit, DateTime now)
    {
        var byStage = figures.ToDictionary(item => item.Stage, StringComparer.Ordinal);
        var shares = Shares([.. Stages.Select(stage => byStage.TryGetValue(stage, out var item) ? item.SumUs : 0)]);
        var timings = Stages.Select((stage, index) => (stage, Timing: byStage.TryGetValue(stage, out var item)
            ? new StageTiming(Seconds(item.AverageUs), Seconds(item.MinUs), Seconds(item.MaxUs), item.Samples, shares[index])
            : new StageTiming(0, 0, 0, 0, 0))).ToDictionary(item => item.stage, item => item.Timing);
        SlowStage[] slowest = [.. timings
            .Where(item => item.Value.AverageDuration > 0)
            .OrderByDescending(item => item.Value.AverageDuration)
            .Take(SlowestShown)
            .Select(item => new SlowStage(item.Key, item.Value.AverageDuration, item.Value.PercentageOfTotal))];
        return new StageReport(
            timings,
            new StageAnalysis(byStage.TryGetValue(Whole, out var whole) ? Seconds(whole.AverageUs) : 0, slowest, Bottleneck, Recommend(timings, slowest)),
            limit,
            now);
    }

    /// <summary>In tenths of a percent that add up to a hundred: what rounding leaves goes to those that lost most by it.</summary>
    internal static double[] Shares(long[] parts)
    {
        var whole = parts.Sum();
        if (whole == 0)
            return new double[parts.Length];
        var tenths = parts.Select(part => (Exact: part * 1000.0 / whole, Whole: (int)(part * 1000.0 / whole))).ToArray();
        var shares = tenths.Select(item => item.Whole).ToArray();
        foreach (var index in Enumerable.Range(0, parts.Length).OrderByDescending(index => tenths[index].Exact - tenths[index].Whole).Take(1000 - shares.Sum()))
            shares[index]++;
        return [.. shares.Select(share => share / 10.0)];
    }

    internal static double Seconds(double microseconds) => Math.Round(microseconds / 1e6, 6);

    private static string[] Recommend(Dictionary<string, StageTiming> timings, SlowStage[] slowest) =>
    [
        slowest is [{ AverageDuration: > Bottleneck } first, ..]
            ? $"The stage {first.Stage} is the bottleneck"
            : "No stage is a bottleneck",
        timings[ModelCall].AverageDuration > Bottleneck
            ? "A quicker model, or a shorter context, shortens the answers"
            : "The models answer quickly",
        timings.Where(item => item.Key != ModelCall).Sum(item => item.Value.AverageDuration) > Bottleneck / 10
            ? "Look at the database and at Auth: what surrounds the model's call takes more than it should"
            : "What surrounds the model's call takes next to nothing",
    ];
}

using Gaia.Chat.Performance;
using Gaia.Chat.Providers;

namespace Gaia.Chat.Models;

/// <summary>A model that streams, with its times as measured or else as expected.</summary>
internal sealed record StreamingModel(ChatModel Model, StreamingFigures Expected, int TtftMs, int TokensPerSecond, bool IsMeasured)
{
    public string Id => Model.Id;

    public StreamingPerformance Performance => new(TtftMs, TokensPerSecond, Expected.MaxConcurrent, Expected.VrOptimized);

    public StreamingScores Scores => new(Expected.Speed, Expected.Quality, Expected.Cost, Expected.Vr);

    /// <summary>The higher the better, in every respect at once.</summary>
    public double Balance => (300 - TtftMs) + TokensPerSecond + (10 * Expected.Quality) + (5 * Expected.Cost);

    /// <summary>The lower the quicker.</summary>
    public int Delay => TtftMs - TokensPerSecond;
}

/// <summary>The streaming models of this installation, and how they are ranked.</summary>
internal static class StreamingModels
{
    /// <summary>Those that can be asked here; the offline one only where there is no other.</summary>
    public static IReadOnlyList<StreamingModel> Of(IEnumerable<ChatModel> usable, CallFiguresTable figures)
    {
        StreamingModel[] models = [.. usable.Where(model => model.Streaming is not null).Select(model => Of(model, model.Streaming!, figures.Of(model)))];
        StreamingModel[] online = [.. models.Where(item => item.Model.Provider != ProviderNames.Local)];
        return online is [] ? models : online;
    }

    /// <summary>Those that meet the wishes, the best first.</summary>
    public static StreamingModel[] Rank(IEnumerable<StreamingModel> models, string priority, int? maxTtftMs, bool vrOptimized)
    {
        var fitting = models.Where(item => (maxTtftMs is null || item.TtftMs <= maxTtftMs) && (!vrOptimized || item.Expected.VrOptimized));
        return [.. priority switch
        {
            ModelTerms.Speed or ModelTerms.Vr => fitting.OrderBy(item => item.Delay),
            ModelTerms.Quality => fitting.OrderByDescending(item => item.Expected.Quality).ThenBy(item => item.Model.IsDeprecated).ThenBy(item => item.TtftMs),
            ModelTerms.Cost => fitting.OrderByDescending(item => item.Expected.Cost).ThenBy(item => item.Model.InputTokenPrice ?? decimal.MaxValue),
            _ => fitting.OrderByDescending(item => item.Balance),
        }];
    }

    /// <summary>Those that are quick enough for virtual reality, the most suitable first.</summary>
    public static StreamingModel[] RankForVr(IEnumerable<StreamingModel> models, int maxTtftMs) =>
        [.. models.Where(item => item.Expected.VrOptimized && item.TtftMs <= maxTtftMs).OrderByDescending(item => item.Expected.Vr).ThenBy(item => item.TtftMs)];

    private static StreamingModel Of(ChatModel model, StreamingFigures expected, CallFigures measured) => new(
        model,
        expected,
        measured.FirstChunkMs ?? expected.TimeToFirstToken,
        measured.TokensPerSecond is { } rate ? Math.Max(1, (int)Math.Round(Math.Min(rate, int.MaxValue))) : expected.TokensPerSecond,
        measured.FirstChunkMs is not null);
}

using System.Globalization;

namespace Gaia.Bench;

/// <summary>The measurements of streams. Each prints one line.</summary>
internal static class Streams
{
    private const int Pieces = 64;
    private const int Interval = 20;

    /// <summary>How late a piece may come: the bound at which a reader sees it stutter.</summary>
    private const long MaxLate = 100_000;

    /// <summary>Prints "median p99" of the time to the first piece, in milliseconds, one request after the other.</summary>
    public static async Task PrintTimeToFirstAsync(StreamClient client, int count)
    {
        // The first ones compile this program.
        const int warm = 50;
        var times = new List<long>(count);
        for (var i = 0; i < warm + count; i++)
        {
            var report = await client.ReadAsync(count: 8, interval: 0);
            if (!report.IsComplete)
                throw new InvalidOperationException("An answer was not complete.");
            if (i >= warm)
                times.Add(report.First);
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2] / 1000.0:F4} {times[times.Count * 99 / 100] / 1000.0:F4}"));
    }

    /// <summary>
    /// Keeps so many paced streams open for a while. Prints "held|lost streams incomplete late p99 max": streams that were read, those of which
    /// something was missing, those with a piece too late, and the latest piece of each stream, in milliseconds.
    /// </summary>
    public static async Task PrintHeldAsync(StreamClient client, int open)
    {
        // Compiles this program, and the other side's handling of streams.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.ReadAsync(Pieces, interval: 1)));

        var reports = await Task.WhenAll(Enumerable.Range(0, open).Select(async slot =>
        {
            // Spread over the length of one, as they would be.
            await Task.Delay(TimeSpan.FromMilliseconds((double)Pieces * Interval * slot / open));
            var first = await ReadAsync();
            return (first, await ReadAsync());
        }));

        var all = reports.SelectMany(pair => new[] { pair.first, pair.Item2 }).ToList();
        var incomplete = all.Count(report => report is not { IsComplete: true });
        var late = all.Count(report => report is { Late: > MaxLate });
        var latest = all.Select(report => report?.Late ?? 0).Order().ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(incomplete + late == 0 ? "held" : "lost")} {all.Count} {incomplete} {late} {latest[latest.Count * 99 / 100] / 1000.0:F1} {latest[^1] / 1000.0:F1}"));

        async Task<StreamReport?> ReadAsync()
        {
            try
            {
                return await client.ReadAsync(Pieces, Interval);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                return null;
            }
        }
    }
}

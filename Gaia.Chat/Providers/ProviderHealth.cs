using Gaia.Chat.Performance;
using Gaia.ServiceDefaults.Data;

namespace Gaia.Chat.Providers;

/// <summary>How a provider is, by what happened: the calls of the last minutes, here and on other replicas, and the last check.</summary>
/// <param name="Health"><c>healthy</c>, <c>unhealthy</c>, or <c>unknown</c> where nothing is known.</param>
/// <param name="ResponseMs">Until it begins to answer, null when nothing was measured.</param>
/// <param name="Error">Why it is unhealthy.</param>
/// <param name="At">When this was found out.</param>
internal sealed record ProviderState(bool IsConfigured, string Health, int? ResponseMs, double ErrorRate, string? Error, DateTime At);

internal sealed class ProviderHealth(ModelCatalogue catalogue, ProviderOutcomes outcomes, ProviderChecks checks, TimeProvider time)
{
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";
    public const string Unknown = "unknown";

    /// <summary>Some providers are well and some are not.</summary>
    public const string Degraded = "degraded";

    /// <summary>From this share of failures on.</summary>
    private const double FailingShare = 0.5;

    public ProviderState Of(string provider, CallFiguresTable figures)
    {
        var now = time.GetNaiveUtcNow();
        if (!catalogue.IsConfigured(provider))
            return new ProviderState(false, Unknown, null, 0, null, now);

        var calls = figures.Of(provider);
        var (ended, failed) = outcomes.Recent(provider);
        var check = checks.Last(provider);
        var error = check?.Error ?? (Share(ended, failed) >= FailingShare || Share(calls.RecentEnded, calls.RecentFailed) >= FailingShare ? "failing" : null);
        var isKnown = provider == ProviderNames.Local || check is not null || ended > 0 || calls.Completed > 0;
        return new ProviderState(
            true,
            error is not null ? Unhealthy : isKnown ? Healthy : Unknown,
            calls.FirstChunkMs ?? check?.ResponseMs,
            Math.Round(calls.ErrorRate, 4),
            error,
            now);
    }

    /// <summary>Of all that are configured.</summary>
    public static string Overall(IEnumerable<ProviderState> states)
    {
        string[] known = [.. states.Where(state => state.IsConfigured).Select(state => state.Health).Distinct()];
        return known switch
        {
            [var same] => same,
            _ when known.Contains(Unhealthy) => Degraded,
            _ => Unknown,
        };
    }

    private static double Share(long all, long part) => all == 0 ? 0 : (double)part / all;
}

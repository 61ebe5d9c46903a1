using System.Globalization;

namespace Gaia.Chat.Performance;

/// <summary>What the figures mean: slow from two seconds and one percent of errors on, critical from five on.</summary>
internal static class PerformanceHealth
{
    public const string Healthy = "healthy";
    public const string Warning = "warning";
    public const string Critical = "critical";

    /// <summary>Microseconds from which on a request is slow.</summary>
    public const long SlowUs = 5_000_000;

    private const double WarningSeconds = 2;
    private const double CriticalSeconds = 5;
    private const double WarningPercent = 1;
    private const double CriticalPercent = 5;
    private const int ManyActive = 50;

    public static HealthThresholds Thresholds { get; } = new("< 2.0s", "< 5.0s", ">= 5.0s", "< 1.0%", "< 5.0%", ">= 5.0%");

    public static string StatusOf(double averageSeconds, double errorPercent) => (averageSeconds, errorPercent) switch
    {
        ( < WarningSeconds, < WarningPercent) => Healthy,
        ( < CriticalSeconds, < CriticalPercent) => Warning,
        _ => Critical,
    };

    public static int ScoreOf(string status) => status switch
    {
        Healthy => 95,
        Warning => 75,
        _ => 40,
    };

    /// <summary>From 0 to 100: every percent of errors costs two, and every second of waiting above one costs five.</summary>
    public static double ProviderScore(double averageSeconds, double errorPercent) =>
        Math.Round(Math.Clamp(100 - (2 * errorPercent) - (5 * Math.Max(0, averageSeconds - 1)), 0, 100), 1);

    public static IReadOnlyList<HealthAlert> AlertsOf(HealthFigures figures)
    {
        var alerts = new List<HealthAlert>();
        if (figures.AverageSeconds > CriticalSeconds)
            alerts.Add(Alert(Critical, $"Average response time is {figures.AverageSeconds:0.00}s", "5.0s", "Check the providers, or choose a quicker model"));
        else if (figures.AverageSeconds > WarningSeconds)
            alerts.Add(Alert(Warning, $"Average response time is {figures.AverageSeconds:0.00}s", "2.0s", "Watch the providers' response times"));
        if (figures.ErrorPercent > CriticalPercent)
            alerts.Add(Alert(Critical, $"Error rate is {figures.ErrorPercent:0.00}%", "5.0%", "Check the providers' keys and limits now"));
        else if (figures.ErrorPercent > WarningPercent)
            alerts.Add(Alert(Warning, $"Error rate is {figures.ErrorPercent:0.00}%", "1.0%", "Look into the providers' errors"));
        if (figures.Active > ManyActive)
            alerts.Add(Alert(Warning, $"{figures.Active} requests are active", "50", "Consider another replica of the chat service"));
        return alerts;
    }

    public static IReadOnlyList<string> Recommend(HealthFigures figures) =>
    [
        figures.AverageSeconds < WarningSeconds ? "Response times are good" : "Use a quicker model for short exchanges, or stream the answers",
        figures.ErrorPercent < WarningPercent ? "Error rate is good" : "Look at /api/v0.2/providers/health for the provider that fails",
        figures.Slow == 0 ? "No slow requests" : string.Create(CultureInfo.InvariantCulture, $"{figures.Slow} requests took more than 5 seconds: bound the length of the answers"),
        figures.Active <= ManyActive ? "Load is within limits" : "Spread the load over more replicas",
    ];

    private static HealthAlert Alert(string level, FormattableString message, string threshold, string recommendation) =>
        new(level, FormattableString.Invariant(message), threshold, recommendation);
}

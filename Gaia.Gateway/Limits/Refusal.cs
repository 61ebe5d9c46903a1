using System.Globalization;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>How a refusal reads.</summary>
internal static class Refusal
{
    private static readonly (string Name, long Seconds)[] Units = [("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)];

    public static Task WriteAsync(HttpContext context, Admission admission)
    {
        LimitMetrics.Count(admission.Bucket.Kind);
        return context.WriteLimitedAsync(Text(null, admission.Bucket.Limit), admission.RetryAfter);
    }

    /// <summary>As the legacy system said it: <c>Rate limit exceeded: 60 per 1 minute</c>.</summary>
    public static string Text(string? what, RateLimit limit)
    {
        var seconds = Math.Max(1, (long)limit.Period.TotalSeconds);
        var (unit, length) = Units.First(unit => seconds % unit.Seconds == 0);
        var count = seconds / length;
        return string.Create(CultureInfo.InvariantCulture, $"Rate limit exceeded: {limit.Permits} {(what is null ? "" : what + " ")}per {count} {unit}{(count == 1 ? "" : "s")}");
    }
}

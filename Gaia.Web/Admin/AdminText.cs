using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;

namespace Gaia.Web.Admin;

/// <summary>How figures are written.</summary>
internal static class AdminText
{
    public static string Seconds(double seconds) => seconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    public static string Milliseconds(int milliseconds) => Seconds(milliseconds / 1000.0);

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <param name="percent">From 0 to 100.</param>
    public static string Percent(double percent) => string.Create(CultureInfo.InvariantCulture, $"{percent:0.##} %");

    /// <param name="dollars">Null is not known, which is not nothing.</param>
    public static string Money(decimal? dollars) => dollars is { } known ? string.Create(CultureInfo.InvariantCulture, $"${known:0.00##}") : "unknown";

    /// <summary>Of tokens, which cost so little one by one.</summary>
    public static string PerMillion(decimal? dollars) => dollars is { } known ? string.Create(CultureInfo.InvariantCulture, $"${known * 1_000_000:0.##}") : "unknown";

    public static string Period(double seconds) => seconds switch
    {
        1 => "second",
        60 => "minute",
        3600 => "hour",
        86400 => "day",
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} seconds"),
    };

    public static string Limit(LimitItem limit) => $"{Count(limit.Permits)} per {Period(limit.PeriodSeconds)}, {Count(limit.Burst)} at once";

    /// <summary>Of <c>permits/seconds/burst</c>.</summary>
    public static string Limit(string limit) => limit.Split('/') is [var permits, var seconds, var burst]
        && int.TryParse(permits, CultureInfo.InvariantCulture, out var p) && int.TryParse(seconds, CultureInfo.InvariantCulture, out var s) && int.TryParse(burst, CultureInfo.InvariantCulture, out var b)
            ? Limit(new LimitItem("", p, s, b))
            : limit;

    /// <summary><c>role_assigned</c> as people write it.</summary>
    public static string Words(string name)
    {
        var words = name.Replace('_', ' ');
        return words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>The members of an object that say something.</summary>
    public static string Details(JsonElement details) => details.ValueKind != JsonValueKind.Object ? "" : string.Join(", ", details.EnumerateObject()
        .Where(static member => member.Value.ValueKind != JsonValueKind.Null && member.Value.ToString() is { Length: > 0 } and not "global")
        .Select(static member => $"{Words(member.Name)}: {member.Value}"));

    /// <summary>A path with those parameters that have a value.</summary>
    public static string Url(string path, params IEnumerable<(string Name, object? Value)> query)
    {
        var builder = new QueryBuilder();
        foreach (var (name, value) in query)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text)
                builder.Add(name, text);
        }

        return path + builder.ToQueryString();
    }
}

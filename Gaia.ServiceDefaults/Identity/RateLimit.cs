using System.Globalization;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>How many requests are let through.</summary>
/// <param name="Permits">Requests in one period, at least 1.</param>
/// <param name="Period">At least a second; whole seconds.</param>
/// <param name="Burst">Requests at once, at least 1.</param>
public sealed record RateLimit(int Permits, TimeSpan Period, int Burst)
{
    /// <summary>Reads <c>permits/seconds/burst</c>, such as <c>50/3600/50</c>.</summary>
    /// <returns>Null for anything else.</returns>
    public static RateLimit? Parse(string? text)
    {
        Span<Range> parts = stackalloc Range[4];
        var value = text.AsSpan();
        return value.Split(parts, '/') == 3
            && int.TryParse(value[parts[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var permits) && permits > 0
            && int.TryParse(value[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            && int.TryParse(value[parts[2]], NumberStyles.None, CultureInfo.InvariantCulture, out var burst) && burst > 0
            ? new RateLimit(permits, TimeSpan.FromSeconds(seconds), burst)
            : null;
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Permits}/{(long)Period.TotalSeconds}/{Burst}");
}

using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>
/// The arithmetic of the generic cell rate algorithm, in whole microseconds so that it is exact here and in the script. The
/// state of a limit is one number, its debt: how far the time at which it would be at rest again lies ahead. A permit adds
/// <see cref="Interval"/> to it, time takes it away, and it may not exceed <see cref="Capacity"/>.
/// </summary>
public readonly record struct Gcra
{
    /// <summary>A hundred years: numbers stay below 2^53, up to which those of the script are exact.</summary>
    private const long MaxCapacity = 100L * 366 * 24 * 3600 * 1_000_000;

    public Gcra(RateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        var (permits, period) = (Math.Max(1, limit.Permits), limit.Period.Ticks / TimeSpan.TicksPerMicrosecond);
        // Rounded up: the remainder is never in the client's favour.
        Interval = Math.Clamp((period + permits - 1) / permits, 1, MaxCapacity);
        Burst = (int)Math.Clamp(limit.Burst, 1, MaxCapacity / Interval);
    }

    /// <summary>Microseconds until a permit grows back.</summary>
    public long Interval { get; }

    /// <summary>How many permits there are at rest.</summary>
    public int Burst { get; }

    /// <summary>The debt at which no permit is left.</summary>
    public long Capacity => Interval * Burst;

    /// <summary>How many permits there are at this debt.</summary>
    public int Available(long debt) => (int)Math.Clamp((Capacity - debt) / Interval, 0, Burst);

    /// <summary>Microseconds until there is a permit again; 0 when there is one.</summary>
    public long UntilNext(long debt) => Math.Max(0, debt + Interval - Capacity);
}

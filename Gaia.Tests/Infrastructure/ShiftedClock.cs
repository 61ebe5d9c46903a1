namespace Gaia.Tests.Infrastructure;

/// <summary>The system's clock, put forward at will. Timers run as usual.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _shiftTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + new TimeSpan(Volatile.Read(ref _shiftTicks));

    public override long GetTimestamp() => System.GetTimestamp() + (Volatile.Read(ref _shiftTicks) * System.TimestampFrequency / TimeSpan.TicksPerSecond);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _shiftTicks, time.Ticks);
}

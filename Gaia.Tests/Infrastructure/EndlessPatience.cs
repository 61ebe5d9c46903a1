namespace Gaia.Tests.Infrastructure;

/// <summary>The time of the system, at which no timer ever fires: what waits for another thing does so however slow the machine is.</summary>
internal sealed class EndlessPatience : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}

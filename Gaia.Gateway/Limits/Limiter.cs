namespace Gaia.Gateway.Limits;

/// <summary>
/// Gives out permits: leased ones at once, else from Redis, where all who wait for the same bucket share one call; from this
/// process alone while Redis is away. No permit is given out that was not taken from its bucket before.
/// </summary>
public sealed class Limiter(SharedLimits shared, TimeProvider time)
{
    /// <summary>Microseconds for which a refusal by Redis counts without asking again.</summary>
    private const long RefusalTime = 1_000_000;

    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Microseconds since the start of the process.</summary>
    public long Now => time.GetElapsedTime(_startedAt).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>A permit of this bucket and its parent.</summary>
    public ValueTask<Admission> TakeAsync(Bucket bucket)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var now = Now;
        if (!shared.IsUp && !bucket.MayHaveLease)
            return new(TakeLocally(bucket, now));

        TaskCompletionSource<Admission> waiter;
        lock (bucket.Gate)
        {
            if (bucket.TryTakeLeased(now))
                return new(Admission.Of(granted: true, bucket, now));
            if (!shared.IsUp)
                return new(TakeLocally(bucket, now));
            if (bucket.RefusedUntil > now)
                return new(Admission.Of(granted: false, bucket, now));

            // Continuations elsewhere: one request must not wait for another's work.
            waiter = new TaskCompletionSource<Admission>(TaskCreationOptions.RunContinuationsAsynchronously);
            (bucket.Waiting ??= []).Add(waiter);
            if (bucket.IsAsking)
                return new(waiter.Task);
            bucket.IsAsking = true;
        }

        _ = AskAsync(bucket);
        return new(waiter.Task);
    }

    private async Task AskAsync(Bucket bucket)
    {
        try
        {
            await AskWhileWaitedForAsync(bucket);
        }
        catch (Exception exception)
        {
            // A mistake of ours: nobody may wait for ever because of it.
            List<TaskCompletionSource<Admission>>? waiting;
            lock (bucket.Gate)
            {
                waiting = bucket.Waiting;
                bucket.Waiting = null;
                bucket.IsAsking = false;
            }

            foreach (var waiter in waiting ?? [])
                waiter.TrySetException(exception);
        }
    }

    /// <summary>Asks Redis for as long as somebody waits.</summary>
    private async Task AskWhileWaitedForAsync(Bucket bucket)
    {
        while (true)
        {
            int asked;
            lock (bucket.Gate)
                asked = bucket.Waiting!.Count + bucket.Ahead(Now);

            var granted = await shared.TakeAsync(bucket, asked, this);

            List<TaskCompletionSource<Admission>> answered;
            var (count, now, goOn) = (0, Now, false);
            lock (bucket.Gate)
            {
                answered = bucket.Waiting!;
                if (granted is { } permits)
                {
                    count = Math.Min(permits, answered.Count);
                    bucket.Lease(permits - count, now);
                    if (permits < asked)
                    {
                        // Those who came meanwhile would hear the same.
                        bucket.RefusedUntil = now + Math.Min(RefusalTime, Admission.Of(granted: false, bucket, now).RetryAfter.Ticks / TimeSpan.TicksPerMicrosecond);
                    }
                    else if (answered.Count > count)
                    {
                        answered = answered.GetRange(0, count);
                        bucket.Waiting!.RemoveRange(0, count);
                        goOn = true;
                    }
                }

                if (!goOn)
                {
                    bucket.Waiting = null;
                    bucket.IsAsking = false;
                }
            }

            for (var i = 0; i < answered.Count; i++)
                answered[i].SetResult(granted is null ? TakeLocally(bucket, now) : Admission.Of(i < count, bucket, now));
            if (!goOn)
                return;
        }
    }

    private static Admission TakeLocally(Bucket bucket, long now) => Admission.Of(bucket.TryTakeLocally(now), bucket, now);
}

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

    /// <summary>A permit of this bucket and its parent. Of a bucket of failures it ends a try.</summary>
    public ValueTask<Admission> TakeAsync(Bucket bucket)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var (now, isUp) = (Now, shared.IsUp);
        if (!isUp && !bucket.MayHaveLease && bucket.Kind != LimitKind.FailedAuthentication)
            return new(TakeLocally(bucket, now));

        TaskCompletionSource<Admission> waiter;
        lock (bucket.Gate)
        {
            if (bucket.TryTakeLeased(now))
                return new(Admission.Of(granted: true, bucket, now));
            if (!isUp || bucket.RefusedUntil > now)
            {
                bucket.End(tries: 1);
                return new(isUp ? Admission.Of(granted: false, bucket, now) : TakeLocally(bucket, now));
            }

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
                bucket.End(waiting?.Count ?? 0);
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

            var answer = await shared.TakeAsync(bucket, asked, Now);

            List<TaskCompletionSource<Admission>> answered;
            Admission[] admissions;
            var (now, goOn) = (Now, false);
            lock (bucket.Gate)
            {
                answered = bucket.Waiting!;
                var count = answered.Count;
                if (answer is not null)
                {
                    var granted = (int)answer[0];
                    bucket.Mirror(answer[1], now);
                    bucket.Parent?.Mirror(answer[2], now);
                    count = Math.Min(granted, answered.Count);
                    bucket.Lease(granted - count, now);
                    if (granted < asked)
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

                bucket.End(tries: answered.Count);
                admissions = new Admission[answered.Count];
                for (var i = 0; i < admissions.Length; i++)
                    admissions[i] = answer is null ? TakeLocally(bucket, now) : Admission.Of(i < count, bucket, now);
            }

            for (var i = 0; i < admissions.Length; i++)
                answered[i].SetResult(admissions[i]);
            if (!goOn)
                return;
        }
    }

    private static Admission TakeLocally(Bucket bucket, long now) => Admission.Of(bucket.TryTakeLocally(now), bucket, now);
}

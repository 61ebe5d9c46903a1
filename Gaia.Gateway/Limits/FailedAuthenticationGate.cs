using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>
/// Lets an address try no more credentials at once than it may still get wrong. What is known to be good never comes here.
/// </summary>
internal sealed class FailedAuthenticationGate(BucketTable buckets, Limiter limiter) : IFailedAuthenticationGate
{
    public bool TryEnter(HttpContext context, out TimeSpan retryAfter)
    {
        var bucket = buckets.ForFailures(context.Connection.RemoteIpAddress);
        var now = limiter.Now;
        if (Interlocked.Increment(ref bucket.Trying) <= bucket.Available(now))
        {
            retryAfter = TimeSpan.Zero;
            return true;
        }

        Interlocked.Decrement(ref bucket.Trying);
        retryAfter = TimeSpan.FromMicroseconds(bucket.Rate.UntilNext(bucket.Debt(now)));
        LimitMetrics.Count(LimitKind.FailedAuthentication);
        return false;
    }

    public void Leave(HttpContext context, bool failed)
    {
        var bucket = buckets.ForFailures(context.Connection.RemoteIpAddress);
        if (failed)
            _ = CountAsync(bucket);
        else
            Interlocked.Decrement(ref bucket.Trying);
    }

    public string Describe(HttpContext context) => Refusal.Text("failed authentications", buckets.ForFailures(context.Connection.RemoteIpAddress).Limit);

    /// <summary>The place is free again when the failure is counted, not before.</summary>
    private async Task CountAsync(Bucket bucket)
    {
        await limiter.TakeAsync(bucket);
        Interlocked.Decrement(ref bucket.Trying);
    }
}

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
        lock (bucket.Gate)
        {
            if (bucket.TryBegin(now))
            {
                retryAfter = TimeSpan.Zero;
                return true;
            }
        }

        retryAfter = TimeSpan.FromMicroseconds(bucket.Rate.UntilNext(bucket.Debt(now)));
        LimitMetrics.Count(LimitKind.FailedAuthentication);
        return false;
    }

    public async ValueTask LeaveAsync(HttpContext context, bool failed)
    {
        var bucket = buckets.ForFailures(context.Connection.RemoteIpAddress);
        if (failed)
        {
            // It ends the try when it is counted, not before.
            await limiter.TakeAsync(bucket);
            return;
        }

        lock (bucket.Gate)
            bucket.End(tries: 1);
    }

    public string Describe(HttpContext context) => Refusal.Text("failed authentications", buckets.ForFailures(context.Connection.RemoteIpAddress).Limit);
}

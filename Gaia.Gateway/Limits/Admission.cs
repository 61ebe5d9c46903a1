namespace Gaia.Gateway.Limits;

/// <summary>Whether a request may pass, and what its client is told.</summary>
/// <param name="IsGranted">Whether it may.</param>
/// <param name="Bucket">Of the limits that hold for it, the one that refuses or is closest to it.</param>
/// <param name="Remaining">How many more may follow at once, as far as this process knows.</param>
/// <param name="RetryAfter">How long until the next may pass.</param>
/// <param name="FullAfter">How long until the whole burst is there again.</param>
public readonly record struct Admission(bool IsGranted, Bucket Bucket, int Remaining, TimeSpan RetryAfter, TimeSpan FullAfter)
{
    internal static Admission Of(bool granted, Bucket bucket, long now)
    {
        var tightest = bucket;
        if (bucket.Parent is { } parent && (granted
            ? parent.Available(now) < bucket.Available(now)
            : parent.Rate.UntilNext(parent.Debt(now)) > bucket.Rate.UntilNext(bucket.Debt(now))))
        {
            tightest = parent;
        }

        var debt = tightest.Debt(now);
        return new Admission(
            granted,
            tightest,
            granted ? tightest.Rate.Available(debt) + bucket.Leased(now) : 0,
            granted ? TimeSpan.Zero : TimeSpan.FromMicroseconds(tightest.Rate.UntilNext(debt)),
            TimeSpan.FromMicroseconds(debt));
    }
}

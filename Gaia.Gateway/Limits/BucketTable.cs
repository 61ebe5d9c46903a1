using System.Collections.Concurrent;
using System.Net;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>The buckets in use, a bounded number of them. Those that are at rest and unused for a while are dropped.</summary>
internal sealed class BucketTable(LimitPolicy policy, Limiter limiter, TimeProvider time) : BackgroundService
{
    private const int MaxBuckets = 50_000;
    private const long IdleTime = 60_000_000;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<BucketKey, Bucket> _buckets = new();
    private int _count;
    private int _sweeping;

    /// <summary>What limits this request.</summary>
    public Bucket For(HttpContext context) =>
        context.User.Identity is GaiaIdentity identity ? For(identity.Caller) : ForAddress(context.Connection.RemoteIpAddress);

    public Bucket ForFailures(IPAddress? address) => ForAddress(LimitKind.FailedAuthentication, address);

    public Bucket ForAddress(IPAddress? address) => ForAddress(LimitKind.Address, address);

    public Bucket For(Caller caller)
    {
        var (keyLimit, userLimit) = policy.Of(caller);
        var key = keyLimit is null ? new BucketKey(LimitKind.User, caller.UserId, userLimit!) : new BucketKey(LimitKind.Key, caller.ApiKeyId!.Value, keyLimit);
        // All requests with one credential share one caller.
        return _buckets.TryGetValue(key, out var known) && ReferenceEquals(known.Caller, caller) ? Touch(known) : Find(key, caller, userLimit);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(SweepEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Sweep();
        }
    }

    private Bucket ForAddress(LimitKind kind, IPAddress? address)
    {
        var key = new BucketKey(kind, ClientAddress.Id(address), kind == LimitKind.Address ? policy.Anonymous : policy.FailedAuthentication);
        return _buckets.TryGetValue(key, out var known) ? Touch(known) : Find(key);
    }

    private Bucket Find(BucketKey key, Caller caller, RateLimit? userLimit)
    {
        // The names of both are in one slot of a cluster.
        var user = userLimit is null
            ? null
            : GetOrAdd(new BucketKey(LimitKind.User, caller.UserId, userLimit), null, () => new Bucket(LimitKind.User, $"{{{caller.UserId}}}:user", userLimit));
        var bucket = key.Kind == LimitKind.Key
            ? GetOrAdd(key, user, () => new Bucket(LimitKind.Key, $"{{{caller.UserId}}}:key:{key.Id}", key.Limit, user))
            : user!;
        bucket.Caller = caller;
        return bucket;
    }

    private Bucket Find(BucketKey key)
    {
        var suffix = key.Kind == LimitKind.Address ? "anonymous" : "failed";
        return GetOrAdd(key, null, () => new Bucket(key.Kind, $"{{{ClientAddress.Name(key.Id)}}}:{suffix}", key.Limit));
    }

    private Bucket GetOrAdd(BucketKey key, Bucket? parent, Func<Bucket> make)
    {
        while (true)
        {
            if (_buckets.TryGetValue(key, out var known))
            {
                // Another parent only where the user's roles have changed.
                if (known.Parent?.Limit == parent?.Limit)
                    return Touch(known);
                var changed = make();
                if (_buckets.TryUpdate(key, changed, known))
                    return Touch(changed);
                continue;
            }

            var made = make();
            if (!_buckets.TryAdd(key, made))
                continue;
            if (Interlocked.Increment(ref _count) > MaxBuckets)
                Sweep();
            return Touch(made);
        }
    }

    private Bucket Touch(Bucket bucket)
    {
        bucket.UsedAt = limiter.Now;
        if (bucket.Parent is { } parent)
            parent.UsedAt = bucket.UsedAt;
        return bucket;
    }

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 1)
            return;
        var now = limiter.Now;
        foreach (var pair in _buckets)
        {
            if (now - pair.Value.UsedAt > IdleTime && pair.Value.Debt(now) == 0)
                Remove(pair);
        }

        // Still too many: those go that were used longest ago, whatever they owe.
        if (Volatile.Read(ref _count) > MaxBuckets * 9 / 10)
        {
            foreach (var pair in _buckets.OrderBy(pair => pair.Value.UsedAt).Take(MaxBuckets / 4))
                Remove(pair);
        }

        Volatile.Write(ref _sweeping, 0);
    }

    private void Remove(KeyValuePair<BucketKey, Bucket> pair)
    {
        if (_buckets.TryRemove(pair))
            Interlocked.Decrement(ref _count);
    }
}

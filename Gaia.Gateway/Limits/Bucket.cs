using System.Globalization;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>
/// A limit of one key, user or address, as this process knows it: the state that Redis last told, which is also the state of
/// the local limiter, and the permits that were leased from Redis ahead of need.
/// </summary>
public sealed class Bucket
{
    /// <summary>With fewer permits than this left nothing is leased ahead, so that the last ones go to whoever asks first, on any replica.</summary>
    internal const int NearLimit = 200;

    /// <summary>Microseconds after which an unused lease is given up: what was not needed may not be saved for later.</summary>
    internal const long LeaseTime = 250_000;

    private const int MaxBatch = 256;

    private long _restAt;
    private int _localSinceShared;
    private int _leased;
    private long _leasedAt = long.MinValue / 2;
    private int _batch;

    /// <param name="parent">A limit that holds as well: of the user whose key this is.</param>
    /// <param name="id">What is limited, as in Redis keys.</param>
    public Bucket(LimitKind kind, string id, RateLimit limit, Bucket? parent = null)
    {
        ArgumentNullException.ThrowIfNull(limit);
        (Kind, Limit, Parent, Rate) = (kind, limit, parent, new Gcra(limit));
        LimitText = limit.Permits.ToString(CultureInfo.InvariantCulture);
        // A changed limit begins anew: the debt of one says nothing in terms of the other.
        Name = FormattableString.Invariant($"rate_limit:{id}:{limit.Permits}/{limit.Period.TotalSeconds}/{limit.Burst}");
    }

    public LimitKind Kind { get; }

    public RateLimit Limit { get; }

    public Bucket? Parent { get; }

    /// <summary>The key in Redis.</summary>
    public string Name { get; }

    internal Gcra Rate { get; }

    /// <summary>Guards what belongs to leasing. Held for nanoseconds, never while something is awaited.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Who wait for an answer from Redis; under <see cref="Gate"/>.</summary>
    internal List<TaskCompletionSource<Admission>>? Waiting { get; set; }

    /// <summary>Whether Redis is being asked; under <see cref="Gate"/>.</summary>
    internal bool IsAsking { get; set; }

    /// <summary>Until when Redis need not be asked, because there is nothing; under <see cref="Gate"/>.</summary>
    internal long RefusedUntil { get; set; } = long.MinValue;

    /// <summary>Credentials of this address that are being tried right now, or were refused and are not counted yet; under <see cref="Gate"/>.</summary>
    internal int Trying { get; private set; }

    /// <summary>Requests per period, as in the header.</summary>
    internal string LimitText { get; }

    /// <summary>The caller that was last seen to have this limit.</summary>
    internal Caller? Caller { get; set; }

    /// <summary>When it was last used, in microseconds.</summary>
    internal long UsedAt { get; set; }

    /// <summary>Microseconds until it is at rest.</summary>
    internal long Debt(long now) => Math.Max(0, Volatile.Read(ref _restAt) - now);

    internal int Available(long now) => Rate.Available(Debt(now));

    /// <summary>What Redis does not know of: the debt made here while it was away.</summary>
    internal long UnsharedDebt(long now) => Volatile.Read(ref _localSinceShared) == 0 ? 0 : Math.Min(Rate.Capacity, Debt(now));

    /// <summary>Takes over the state that Redis told.</summary>
    internal void Mirror(long debt, long now)
    {
        Volatile.Write(ref _localSinceShared, 0);
        Volatile.Write(ref _restAt, now + debt);
    }

    /// <summary>A permit of this limit and of its parent from this process alone.</summary>
    internal bool TryTakeLocally(long now)
    {
        if (!TryTakeHere(now))
            return false;
        if (Parent is null || Parent.TryTakeHere(now))
            return true;
        Interlocked.Add(ref _restAt, -Rate.Interval);
        return false;
    }

    /// <summary>A permit that was leased before; under <see cref="Gate"/>.</summary>
    internal bool TryTakeLeased(long now)
    {
        if (_leased == 0)
            return false;
        if (now - _leasedAt > LeaseTime)
        {
            _leased = 0;
            return false;
        }

        _leased--;
        return true;
    }

    /// <summary>Permits that are taken already and not used yet.</summary>
    internal int Leased(long now) => now - _leasedAt > LeaseTime ? 0 : _leased;

    internal bool MayHaveLease => Volatile.Read(ref _leased) > 0;

    /// <summary>A place to try a credential in, as long as there are fewer tries than failures left. Under <see cref="Gate"/>.</summary>
    internal bool TryBegin(long now)
    {
        if (Trying >= Available(now))
            return false;
        Trying++;
        return true;
    }

    /// <summary>So many tries have ended well, or their failure is in the debt from this moment on. Under <see cref="Gate"/>.</summary>
    internal void End(int tries)
    {
        if (Kind == LimitKind.FailedAuthentication)
            Trying = Math.Max(0, Trying - tries);
    }

    /// <summary>
    /// How many permits to take beyond those that are waited for: as many as were used up within the last lease's time, doubled.
    /// Few when few are left, none near the limit. Under <see cref="Gate"/>.
    /// </summary>
    internal int Ahead(long now)
    {
        if (Kind == LimitKind.FailedAuthentication)
            return 0;
        _batch = now - _leasedAt <= LeaseTime ? Math.Clamp(_batch * 2, 1, MaxBatch) : _batch / 2;
        var available = Math.Min(Available(now), Parent?.Available(now) ?? int.MaxValue);
        return available > NearLimit ? Math.Min(_batch, available / 8) : 0;
    }

    /// <summary>Permits have been taken from Redis. Under <see cref="Gate"/>.</summary>
    internal void Lease(int permits, long now)
    {
        _leased = permits;
        _leasedAt = now;
    }

    private bool TryTakeHere(long now)
    {
        while (true)
        {
            var restAt = Volatile.Read(ref _restAt);
            var next = Math.Max(restAt, now) + Rate.Interval;
            if (next - now > Rate.Capacity)
                return false;
            if (Interlocked.CompareExchange(ref _restAt, next, restAt) == restAt)
            {
                Volatile.Write(ref _localSinceShared, 1);
                return true;
            }
        }
    }
}

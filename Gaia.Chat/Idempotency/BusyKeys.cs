using System.Collections.Concurrent;

namespace Gaia.Chat.Idempotency;

/// <summary>A key that a request holds while it is answered.</summary>
/// <param name="Id">Tells it from another request's that took the key over.</param>
internal sealed record Reservation(Guid UserId, string Key, Guid Id);

/// <summary>The keys that the requests of this replica hold. Whoever does not renew them counts as gone.</summary>
internal sealed class BusyKeys
{
    private readonly ConcurrentDictionary<Reservation, Busy> _keys = new();

    public IReadOnlyCollection<Reservation> All => [.. _keys.Keys];

    /// <summary>Whether a request of this replica holds the key, whatever became of its lease.</summary>
    public bool IsHeld(Guid userId, string key) => _keys.Any(busy => busy.Key.UserId == userId && busy.Key.Key == key);

    /// <summary>Until it is disposed of.</summary>
    public IDisposable Enter(Reservation reservation) => _keys[reservation] = new Busy(_keys, reservation);

    private sealed class Busy(ConcurrentDictionary<Reservation, Busy> keys, Reservation reservation) : IDisposable
    {
        public void Dispose() => keys.TryRemove(reservation, out _);
    }
}

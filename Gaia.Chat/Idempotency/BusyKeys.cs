using System.Collections.Concurrent;

namespace Gaia.Chat.Idempotency;

/// <summary>The keys whose requests this replica answers. Whoever does not renew them counts as gone.</summary>
internal sealed class BusyKeys
{
    private readonly ConcurrentDictionary<(Guid UserId, string Key), Busy> _keys = new();

    public IReadOnlyCollection<(Guid UserId, string Key)> All => [.. _keys.Keys];

    /// <summary>Until it is disposed of.</summary>
    public IDisposable Enter(Guid userId, string key) => _keys[(userId, key)] = new Busy(_keys, (userId, key));

    private sealed class Busy(ConcurrentDictionary<(Guid UserId, string Key), Busy> keys, (Guid UserId, string Key) key) : IDisposable
    {
        public void Dispose() => keys.TryRemove(KeyValuePair.Create(key, this));
    }
}

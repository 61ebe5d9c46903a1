using System.Collections.Concurrent;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// When the permissions of users last changed, as far as this process heard. What was learned of a user before counts no longer
/// as fresh: in memory, in Redis, and in an internal token that names roles.
/// </summary>
internal sealed class PermissionChanges(TimeProvider time)
{
    private const int MaxUsers = 50_000;

    private readonly ConcurrentDictionary<Guid, long> _users = new();
    private long _everybody;

    /// <summary>Whether what was asked for at <paramref name="since"/> is still what Auth would say.</summary>
    public bool IsCurrent(Guid userId, DateTimeOffset since) =>
        since.UtcTicks >= Interlocked.Read(ref _everybody) && (_users.IsEmpty || !_users.TryGetValue(userId, out var changed) || since.UtcTicks >= changed);

    /// <param name="userIds">Whose; null for everybody's.</param>
    public void Record(IReadOnlyList<Guid>? userIds)
    {
        // The next tick, so that what was asked for at this very moment is asked for again.
        var now = time.GetUtcNow().UtcTicks + 1;
        if (userIds is null || _users.Count + userIds.Count > MaxUsers)
        {
            Interlocked.Exchange(ref _everybody, now);
            _users.Clear();
            return;
        }

        foreach (var user in userIds)
            _users[user] = now;
    }
}

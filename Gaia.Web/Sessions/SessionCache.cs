using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;

namespace Gaia.Web.Sessions;

/// <summary>A session as it is used.</summary>
internal sealed record OpenSession(AuthenticationTicket Ticket, SessionTokens Tokens, DateTimeOffset ExpiresAt)
{
    public override string ToString() => nameof(OpenSession);
}

/// <summary>
/// The sessions that were asked for lately, opened. In memory alone, for tokens are in them, and not for long: a replica that does
/// not hear of the end of one believes in it until then.
/// </summary>
internal sealed class SessionCache : IDisposable
{
    private const int MaxEntries = 10_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly MemoryCache _entries = new(new MemoryCacheOptions { SizeLimit = MaxEntries, CompactionPercentage = 0.1 });
    private long _version;

    /// <summary>To be read before the database is, and given to <see cref="Set"/>.</summary>
    public long Version => Volatile.Read(ref _version);

    public OpenSession? Find(string id) => _entries.TryGetValue(id, out var found) ? found as OpenSession : null;

    /// <summary>Keeps what was read, unless something was removed since: it may have been this.</summary>
    public void Set(string id, OpenSession session, long version)
    {
        if (version == Version)
            _entries.Set(id, session, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });
    }

    public void Remove(string id)
    {
        Interlocked.Increment(ref _version);
        _entries.Remove(id);
    }

    /// <summary>Whether it is time to ask the gateway again what holds of the session's user. Who asks is expected to do so.</summary>
    public bool TryRenew(string id)
    {
        var renewal = new Renewal(id);
        if (_entries.TryGetValue(renewal, out _))
            return false;
        _entries.Set(renewal, renewal, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });
        return true;
    }

    /// <summary>Something else holds of the session's user now.</summary>
    public void AllowRenewal(string id) => _entries.Remove(new Renewal(id));

    public void Dispose() => _entries.Dispose();

    private sealed record Renewal(string Id);
}

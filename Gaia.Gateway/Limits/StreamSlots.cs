using System.Collections.Concurrent;
using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace Gaia.Gateway.Limits;

/// <summary>
/// How many streams and WebSockets each user has open at this process; replicas do not add them up. A client without a valid
/// credential is counted by its address.
/// </summary>
internal sealed class StreamSlots(IOptions<LimitsOptions> options)
{
    private readonly int _max = options.Value.StreamsPerUser;
    private readonly ConcurrentDictionary<StreamOwner, Slots> _open = new();

    public int Max => _max;

    /// <returns>Null when the user has as many as are allowed; otherwise to be released when the stream ends.</returns>
    public Slot? TryOpen(HttpContext context)
    {
        var key = context.User.Identity is GaiaIdentity identity
            ? new StreamOwner(LimitKind.User, identity.Caller.UserId)
            : new StreamOwner(LimitKind.Address, ClientAddress.Id(context.Connection.RemoteIpAddress));
        while (true)
        {
            var slots = _open.GetOrAdd(key, static _ => new Slots());
            lock (slots)
            {
                if (slots.IsGone)
                    continue;
                if (slots.Count >= _max)
                    return null;
                slots.Count++;
                return new Slot(this, key, slots);
            }
        }
    }

    private void Release(StreamOwner key, Slots slots)
    {
        lock (slots)
        {
            if (--slots.Count > 0)
                return;
            slots.IsGone = true;
            _open.TryRemove(KeyValuePair.Create(key, slots));
        }
    }

    /// <param name="Id">The id of the user; an address as 16 bytes.</param>
    internal readonly record struct StreamOwner(LimitKind Kind, Guid Id);

    internal readonly struct Slot(StreamSlots owner, StreamOwner key, Slots slots) : IDisposable
    {
        public void Dispose() => owner.Release(key, slots);
    }

    internal sealed class Slots
    {
        public int Count { get; set; }

        public bool IsGone { get; set; }
    }
}

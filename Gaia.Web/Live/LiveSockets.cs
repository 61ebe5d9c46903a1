using System.Diagnostics.Metrics;
using System.Net;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gaia.ServiceDefaults.Telemetry;

namespace Gaia.Web.Live;

/// <summary>The sockets of this replica, found by what they are told of.</summary>
internal sealed class LiveSockets
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<LiveSocket>> _ofConversation = [];
    private readonly Dictionary<Guid, List<LiveSocket>> _ofUser = [];
    private readonly Dictionary<IPAddress, int> _ofAddress = [];
    private readonly UpDownCounter<int> _open = GaiaTelemetry.Meter.CreateUpDownCounter<int>("gaia.web.sockets", "{socket}", "WebSockets of pages that are open.");
    private readonly Counter<long> _cut = GaiaTelemetry.Meter.CreateCounter<long>("gaia.web.sockets.cut", "{socket}", "WebSockets that were cut off, by why.");
    private int _count;
    private bool _isStopping;

    /// <summary>False when there are too many, of everybody, of this user or from this address.</summary>
    public bool TryAdd(LiveSocket socket)
    {
        lock (_gate)
        {
            var own = _ofUser.GetValueOrDefault(socket.UserId) ?? [];
            var near = socket.Address is { } from ? _ofAddress.GetValueOrDefault(from) : 0;
            if (_isStopping || _count >= LiveLimits.Sockets || own.Count >= LiveLimits.SocketsPerUser || near >= LiveLimits.SocketsPerAddress)
                return false;
            _count++;
            if (socket.Address is { } address)
                _ofAddress[address] = near + 1;
            own.Add(socket);
            _ofUser[socket.UserId] = own;
            if (socket.ConversationId is { } conversation)
            {
                var watching = _ofConversation.GetValueOrDefault(conversation) ?? [];
                watching.Add(socket);
                _ofConversation[conversation] = watching;
            }
        }

        _open.Add(1);
        return true;
    }

    public void Remove(LiveSocket socket)
    {
        lock (_gate)
        {
            _count--;
            if (socket.Address is { } address && --CollectionsMarshal.GetValueRefOrNullRef(_ofAddress, address) == 0)
                _ofAddress.Remove(address);
            Remove(_ofUser, socket.UserId, socket);
            if (socket.ConversationId is { } conversation)
                Remove(_ofConversation, conversation, socket);
        }

        _open.Add(-1);
        if (socket.Fault is { } fault)
            _cut.Add(1, KeyValuePair.Create<string, object?>("reason", fault));
    }

    /// <summary>Tells every page that shows the conversation.</summary>
    public void TellConversation(Guid conversationId, LiveEvent data) => Tell(In(_ofConversation, conversationId), "message", data);

    /// <summary>Tells every page of the user what concerns more than the conversation that it shows.</summary>
    public void TellUser(Guid userId, LiveEvent data) =>
        Tell([.. In(_ofUser, userId).Where(static socket => socket.ConversationId is null)], "notification", data);

    public IReadOnlyList<string> Sessions()
    {
        lock (_gate)
            return [.. _ofUser.Values.SelectMany(static own => own).Select(static socket => socket.SessionId).Distinct(StringComparer.Ordinal)];
    }

    public void EndSession(string sessionId)
    {
        foreach (var socket in All().Where(socket => socket.SessionId == sessionId))
            socket.End(LiveSocket.SessionOver, "The session is over");
    }

    /// <summary>Has the pages come back and ask for what they may have missed.</summary>
    public void Renew()
    {
        foreach (var socket in All())
            socket.End(WebSocketCloseStatus.EndpointUnavailable, "Something may have been missed");
    }

    /// <summary>Sends the pages to another replica.</summary>
    public void Stop()
    {
        lock (_gate)
            _isStopping = true;
        foreach (var socket in All())
            socket.End(WebSocketCloseStatus.EndpointUnavailable, "The service stops");
    }

    private static void Tell(LiveSocket[] sockets, string type, LiveEvent data)
    {
        if (sockets.Length == 0)
            return;
        var message = JsonSerializer.SerializeToUtf8Bytes(new ServerMessage(type, data), LiveJson.Default.ServerMessage);
        foreach (var socket in sockets)
            socket.Tell(message);
    }

    private LiveSocket[] All()
    {
        lock (_gate)
            return [.. _ofUser.Values.SelectMany(static own => own)];
    }

    private LiveSocket[] In(Dictionary<Guid, List<LiveSocket>> sockets, Guid key)
    {
        lock (_gate)
            return sockets.TryGetValue(key, out var found) ? [.. found] : [];
    }

    private static void Remove(Dictionary<Guid, List<LiveSocket>> sockets, Guid key, LiveSocket socket)
    {
        var found = sockets[key];
        found.Remove(socket);
        if (found.Count == 0)
            sockets.Remove(key);
    }
}

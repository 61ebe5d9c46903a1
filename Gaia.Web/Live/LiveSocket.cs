using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Gaia.ServiceDefaults.Events;

namespace Gaia.Web.Live;

/// <summary>
/// One page's WebSocket: hands on what is told, in order, and answers the little that the page says. It can be told something before
/// it is open, so that nothing falls between the page and its socket.
/// </summary>
/// <param name="conversationId">The conversation that it shows; null for what concerns the user.</param>
internal sealed class LiveSocket(Guid userId, string userName, string sessionId, Guid? conversationId, IEventBus events, TimeProvider time) : IDisposable
{
    /// <summary>The session is over: to come back is of no use.</summary>
    public const WebSocketCloseStatus SessionOver = (WebSocketCloseStatus)4401;

    private const string TooSlow = "slow";

    private static readonly byte[] Pong = """{"type":"pong"}"""u8.ToArray();

    private readonly Channel<ReadOnlyMemory<byte>> _waiting =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(LiveLimits.Waiting) { SingleReader = true });
    private readonly CancellationTokenSource _cut = new();
    private readonly Lock _ending = new();
    private (WebSocketCloseStatus Status, string Text)? _end;
    private double _allowed = LiveLimits.Burst;
    private long _allowedAt = time.GetTimestamp();

    public Guid UserId => userId;

    public string SessionId => sessionId;

    public Guid? ConversationId => conversationId;

    /// <summary>The browser's; null where it has none.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Why it was cut off, in a word for the figures; null when it was not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Never waits. A page that does not keep up loses its socket.</summary>
    public void Tell(ReadOnlyMemory<byte> message)
    {
        if (_waiting.Writer.TryWrite(message) || !TryEnd((WebSocketCloseStatus.PolicyViolation, "Too slow"), TooSlow))
            return;
        // It takes nothing, no farewell either.
        _cut.Cancel();
    }

    /// <summary>Says goodbye. What waits is still sent.</summary>
    public void End(WebSocketCloseStatus status, string text) => TryEnd((status, text), fault: null);

    /// <summary>Returns when either side has ended it.</summary>
    public async Task RunAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        using var gone = cancellationToken.UnsafeRegister(static cut => ((CancellationTokenSource)cut!).Cancel(), _cut);
        var sending = SendAsync(socket);
        try
        {
            await ReceiveAsync(socket);
            TryEnd((WebSocketCloseStatus.NormalClosure, ""), fault: null);
            // What a page still sends is taken, so that it hears why it was ended.
            var unread = new byte[LiveLimits.MessageBytes];
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
                await socket.ReceiveAsync(unread.AsMemory(), _cut.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The page is gone, or was cut off.
        }

        TryEnd((WebSocketCloseStatus.NormalClosure, ""), fault: null);
        await sending;
    }

    public void Dispose() => _cut.Dispose();

    private async Task SendAsync(WebSocket socket)
    {
        try
        {
            await foreach (var message in _waiting.Reader.ReadAllAsync(_cut.Token))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token);
                limit.CancelAfter(LiveLimits.SendLimit);
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            }

            // Whoever does not answer this is cut off.
            _cut.CancelAfter(LiveLimits.CloseLimit);
            var (status, text) = _end!.Value;
            await socket.CloseOutputAsync(status, text, _cut.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            await _cut.CancelAsync();
        }
    }

    private async Task ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[LiveLimits.MessageBytes];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                if (length == buffer.Length)
                {
                    TryEnd((WebSocketCloseStatus.MessageTooBig, $"A message may have {LiveLimits.MessageBytes} bytes"), "too_big");
                    return;
                }

                part = await socket.ReceiveAsync(buffer.AsMemory(length), _cut.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (!TryTake())
            {
                TryEnd((WebSocketCloseStatus.PolicyViolation, "Too many messages"), "flood");
                return;
            }

            if (part.MessageType != WebSocketMessageType.Text || !TryRead(buffer.AsSpan(0, length), out var message))
            {
                TryEnd((WebSocketCloseStatus.InvalidPayloadData, "A message is a JSON object"), "unreadable");
                return;
            }

            Handle(message);
        }
    }

    private void Handle(ClientMessage message)
    {
        if (message.Type == "ping")
            Tell(Pong);
        else if (message is { Type: "typing", Typing: { } typing } && conversationId is { } conversation)
            events.Publish(new TypingEvent(conversation, message.User is { Length: > 0 and <= LiveLimits.UserLength } user ? user : userName, typing));
    }

    private static bool TryRead(ReadOnlySpan<byte> json, out ClientMessage message)
    {
        message = null!;
        try
        {
            if (JsonSerializer.Deserialize(json, LiveJson.Default.ClientMessage) is not { } read)
                return false;
            message = read;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool TryTake()
    {
        var now = time.GetTimestamp();
        _allowed = Math.Min(LiveLimits.Burst, _allowed + (time.GetElapsedTime(_allowedAt, now).TotalSeconds * LiveLimits.MessagesPerSecond));
        _allowedAt = now;
        if (_allowed < 1)
            return false;
        _allowed--;
        return true;
    }

    /// <returns>False when it had ended already: what was said first counts.</returns>
    private bool TryEnd((WebSocketCloseStatus Status, string Text) end, string? fault)
    {
        lock (_ending)
        {
            if (_end is not null)
                return false;
            _end = end;
            Fault = fault;
        }

        _waiting.Writer.TryComplete();
        return true;
    }
}

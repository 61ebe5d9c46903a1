using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Web.Live;

/// <summary>A page's WebSocket.</summary>
internal sealed class LiveClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket _socket;
    private readonly StringBuilder _received = new();

    private LiveClient(ClientWebSocket socket) => _socket = socket;

    /// <summary>All that it was told.</summary>
    public string Received => _received.ToString();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static async Task<LiveClient> OpenAsync(ServiceHost web, string path, WebBrowser? browser, string? origin = "")
    {
        var (socket, _) = await TryOpenAsync(web, path, browser, origin);
        return new LiveClient(socket ?? throw new InvalidOperationException($"{path} was refused"));
    }

    /// <summary>The status with which it is not opened.</summary>
    public static async Task<HttpStatusCode> RefusedAsync(ServiceHost web, string path, WebBrowser? browser, string? origin = "")
    {
        var (socket, status) = await TryOpenAsync(web, path, browser, origin);
        Assert.Null(socket);
        return status;
    }

    public async Task SendAsync(string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    /// <summary>What it is told next; null once it is closed.</summary>
    public async Task<JsonElement?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                if (_socket.State == WebSocketState.CloseReceived)
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
                return null;
            }

            length += part.Count;
            if (!part.EndOfMessage)
                continue;
            var text = Encoding.UTF8.GetString(buffer.AsSpan(0, length));
            _received.AppendLine(text);
            return JsonDocument.Parse(text).RootElement;
        }
    }

    /// <summary>The data of the next message in which a field says this.</summary>
    public async Task<JsonElement> ReadAsync(string field, string value, string type = "message")
    {
        while (await ReadAsync() is { } message)
        {
            if (message.GetProperty("type").GetString() == type && message.TryGetProperty("data", out var data)
                && data.TryGetProperty(field, out var found) && found.ValueKind == JsonValueKind.String && found.GetString() == value)
                return data;
        }

        throw new InvalidOperationException($"It was closed before it was told of {field} {value}: {_socket.CloseStatus} {Received}");
    }

    public async Task<WebSocketCloseStatus?> UntilClosedAsync()
    {
        while (await ReadAsync() is not null)
        {
        }

        return _socket.CloseStatus;
    }

    /// <summary>Returns when NATS brings this replica what pages say.</summary>
    public async Task UntilListeningAsync()
    {
        var heard = ReadAsync("user", "listening?");
        while (!heard.IsCompleted)
        {
            await SendAsync("""{"type":"typing","user":"listening?","typing":true}""");
            await Task.WhenAny(heard, Task.Delay(250));
        }

        await heard;
    }

    public void Dispose() => _socket.Dispose();

    /// <param name="origin">Empty for that of the site, null for none.</param>
    private static async Task<(ClientWebSocket? Socket, HttpStatusCode Status)> TryOpenAsync(ServiceHost web, string path, WebBrowser? browser, string? origin)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (browser?.Cookie("session") is { } cookie)
            socket.Options.SetRequestHeader("Cookie", $"session={cookie}");
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin.Length > 0 ? origin : web.Url);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await socket.ConnectAsync(new Uri(new Uri(web.Url.Replace("http", "ws", StringComparison.Ordinal)), path), limit.Token);
            return (socket, socket.HttpStatusCode);
        }
        catch (WebSocketException)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            return (null, status);
        }
    }
}

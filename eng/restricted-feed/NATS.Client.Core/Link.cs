using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Serialization;

namespace NATS.Client.Core;

/// <summary>One socket, from its greeting to its end.</summary>
internal sealed class Link(Uri uri) : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private PipeReader _reader = null!;

    public string Address { get; } = $"nats://{uri.Host}:{Port(uri)}";

    public TaskCompletionSource Info { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Refused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set once nothing of the outgoing pipe is read for this link any more.</summary>
    public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<TaskCompletionSource> Pings { get; } = new();

    public CancellationTokenSource Stop { get; } = new();

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(uri.Host, Port(uri), cancellationToken).ConfigureAwait(false);
        _reader = PipeReader.Create(new NetworkStream(_socket), new StreamPipeReaderOptions(bufferSize: 65536));
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes).ConfigureAwait(false)..];
        }
    }

    public async ValueTask<string?> ReadLineAsync()
    {
        while (true)
        {
            var read = await _reader.ReadAsync(Stop.Token).ConfigureAwait(false);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.UTF8.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted)
            {
                return null;
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadExactAsync(int count)
    {
        var read = await _reader.ReadAtLeastAsync(count, Stop.Token).ConfigureAwait(false);
        if (read.Buffer.Length < count)
        {
            throw new EndOfStreamException();
        }

        var bytes = read.Buffer.Slice(0, count).ToArray();
        _reader.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }

    public void Close()
    {
        Dispose();
        Info.TrySetException(new IOException("The server closed the connection."));
        Refused.TrySetException(new IOException("The server closed the connection."));
        _ = (Info.Task.Exception, Refused.Task.Exception);
        while (Pings.TryDequeue(out var ping))
        {
            ping.TrySetCanceled();
        }

        Closed.TrySetResult();
    }

    public void Dispose()
    {
        Stop.Cancel();
        _socket.Dispose();
    }

    private static int Port(Uri uri) => uri.Port > 0 ? uri.Port : 4222;
}

internal sealed record InfoMessage(
    [property: JsonPropertyName("server_id")] string Id,
    [property: JsonPropertyName("server_name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("port")] int Port,
    [property: JsonPropertyName("headers")] bool HeadersSupported,
    [property: JsonPropertyName("max_payload")] int MaxPayload,
    [property: JsonPropertyName("client_id")] ulong ClientId,
    [property: JsonPropertyName("client_ip")] string ClientIp) : INatsServerInfo;

using System.IO.Pipelines;
using System.Net.Sockets;

namespace NATS.Client.Core;

/// <summary>One socket, from its greeting to its end.</summary>
internal sealed class Link : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private PipeReader _reader = null!;

    public Stream Stream { get; private set; } = null!;

    public ConcurrentQueue<TaskCompletionSource> Pings { get; } = new();

    public CancellationTokenSource Stop { get; } = new();

    public static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task ConnectAsync(string host, int port)
    {
        await _socket.ConnectAsync(host, port, Stop.Token).ConfigureAwait(false);
        Stream = new NetworkStream(_socket);
        _reader = PipeReader.Create(Stream, new StreamPipeReaderOptions(bufferSize: 65536));
    }

    public async ValueTask<string> ReadLineAsync()
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

            _reader.AdvanceTo(read.IsCompleted ? throw new EndOfStreamException() : read.Buffer.Start, read.Buffer.End);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadExactAsync(int count)
    {
        var read = await _reader.ReadAtLeastAsync(count, Stop.Token).ConfigureAwait(false);
        var bytes = read.Buffer.Length < count ? throw new EndOfStreamException() : read.Buffer.Slice(0, count).ToArray();
        _reader.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }

    public void Dispose()
    {
        Stop.Cancel();
        _socket.Dispose();
        while (Pings.TryDequeue(out var ping))
        {
            ping.TrySetCanceled();
        }
    }
}

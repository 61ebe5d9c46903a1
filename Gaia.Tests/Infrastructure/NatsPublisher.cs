using System.Net;
using System.Net.Sockets;
using System.Text;
using Gaia.Chat.Streaming;

namespace Gaia.Tests.Infrastructure;

/// <summary>Publishes as any other service would, with no client of ours: bytes as they are.</summary>
internal sealed class NatsPublisher : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;

    private NatsPublisher(TcpClient client) => (_client, _reader) = (client, new StreamReader(client.GetStream()));

    public static async Task<NatsPublisher> ConnectAsync(NativeServers servers)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, servers.Nats.Port);
        var publisher = new NatsPublisher(client);
        await publisher.SendAsync("CONNECT {\"verbose\":false}\r\n"u8.ToArray());
        await publisher.FlushAsync();
        return publisher;
    }

    /// <summary>An event for a user; the server has it when this returns.</summary>
    public async Task PublishAsync(Guid userId, string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        await SendAsync([.. Encoding.UTF8.GetBytes($"PUB world.updates.user.{userId} {body.Length}\r\n"), .. body, .. "\r\n"u8]);
        await FlushAsync();
    }

    /// <summary>Sends until something arrives, and takes all that did.</summary>
    public async Task ReachAsync(Guid userId, WorldSubscription world)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            await PublishAsync(userId, """{"mark":true}""");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            patience.CancelAfter(100);
            try
            {
                await world.Updates.WaitToReadAsync(patience.Token);
                break;
            }
            catch (OperationCanceledException) when (!limit.IsCancellationRequested)
            {
            }
        }

        const string end = """{"end":true}""";
        await PublishAsync(userId, end);
        while (Encoding.UTF8.GetString((await world.Updates.ReadAsync(limit.Token)).Span) != end)
        {
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

    private async Task FlushAsync()
    {
        await SendAsync("PING\r\n"u8.ToArray());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (await _reader.ReadLineAsync(limit.Token) is { } line && line != "PONG")
        {
            if (line.StartsWith("-ERR", StringComparison.Ordinal))
                throw new InvalidOperationException(line);
        }
    }
}

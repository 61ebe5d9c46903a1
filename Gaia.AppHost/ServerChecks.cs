using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gaia.AppHost;

/// <summary>Asks a server, in its own protocol, whether it takes connections; a mere TCP connect would succeed too early.</summary>
internal static class ServerChecks
{
    /// <summary>PostgreSQL asks a new session for its password only once it is ready; before, it answers with an error.</summary>
    public static Task<bool> Postgres(int port, string password, CancellationToken cancellationToken)
    {
        const int Version3 = 196608;
        var names = Encoding.ASCII.GetBytes("user\0postgres\0database\0gaia\0\0");
        var startup = new byte[8 + names.Length];
        BinaryPrimitives.WriteInt32BigEndian(startup, startup.Length);
        BinaryPrimitives.WriteInt32BigEndian(startup.AsSpan(4), Version3);
        names.CopyTo(startup, 8);
        return AsksAsync(port, startup, answer => answer.StartsWith('R') ? true : answer.Length > 0 ? false : null, cancellationToken);
    }

    public static Task<bool> Redis(int port, string password, CancellationToken cancellationToken)
        => AsksAsync(port, Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\n"),
            answer => answer.Contains("+PONG") ? true : answer.StartsWith('-') ? false : null, cancellationToken);

    public static Task<bool> Nats(int port, string password, CancellationToken cancellationToken)
        => AsksAsync(port, Encoding.ASCII.GetBytes($$"""CONNECT {"verbose":false,"user":"nats","pass":"{{password}}"}""" + "\r\nPING\r\n"),
            answer => answer.Contains("PONG") ? true : answer.Contains("-ERR") ? false : null, cancellationToken);

    /// <summary>Sends the question and reads until the judge says yes or no; null from it asks for more of the answer.</summary>
    private static async Task<bool> AsksAsync(int port, byte[] question, Func<string, bool?> judge, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(question, patience.Token);
            var (answer, buffer) = (new StringBuilder(), new byte[1024]);
            while (await stream.ReadAsync(buffer, patience.Token) is var read and > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (judge(answer.ToString()) is { } verdict) return verdict;
            }

            return false;
        }
        catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}

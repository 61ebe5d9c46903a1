namespace Gaia.Web.Live;

/// <summary>What a socket may take. A page that is cut off comes back by itself, and asks for what it missed.</summary>
internal static class LiveLimits
{
    /// <summary>Tabs, of which each holds two, on all of a person's devices.</summary>
    public const int SocketsPerUser = 20;

    /// <summary>An address may be a whole office's.</summary>
    public const int SocketsPerAddress = 100;

    /// <summary>On one replica.</summary>
    public const int Sockets = 10_000;

    /// <summary>Bytes: a page says very little.</summary>
    public const int MessageBytes = 2048;

    /// <summary>Messages that a page may send at once, and how many it may send in a second after those.</summary>
    public const int Burst = 30;
    public const int MessagesPerSecond = 5;

    /// <summary>Events that wait for a page. One that is further behind is cut off.</summary>
    public const int Waiting = 128;

    /// <summary>Characters of a name that a client says it types as.</summary>
    public const int UserLength = 100;

    /// <summary>How long the other side may take to answer the closing of a socket, and to take a message.</summary>
    public static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked whether NATS is back, and how much later the other services may find it.</summary>
    public static readonly TimeSpan NatsCheck = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan NatsSettles = TimeSpan.FromSeconds(5);

    /// <summary>How soon a session that ended while NATS was away loses its sockets. The gateway is asked half as often.</summary>
    public static readonly TimeSpan SessionCheck = TimeSpan.FromSeconds(30);
}

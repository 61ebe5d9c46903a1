using System.Text.Json;

namespace NATS.Client.Core;

/// <summary>What is written to the socket and read from it, and what happens when it breaks.</summary>
public sealed partial class NatsConnection
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly Uri _uri;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();

    // Bounded, so that writers wait while the server does not keep up.
    private readonly Channel<(byte[] Bytes, TaskCompletionSource? Pong)> _outgoing = Channel.CreateBounded<(byte[], TaskCompletionSource?)>(1024);
    private volatile NatsConnectionState _state = NatsConnectionState.Closed;
    private TaskCompletionSource _opened = Link.NewSignal();
    private Task _events = Task.CompletedTask;
    private int _maxPayload = int.MaxValue;

    public NatsConnectionState ConnectionState => _state;

    public ValueTask ConnectAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            if (_state == NatsConnectionState.Closed)
            {
                _state = NatsConnectionState.Connecting;
                _ = Task.Run(StayConnectedAsync);
            }

            return new ValueTask(_opened.Task);
        }
    }

    public async ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        await ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        var pong = Link.NewSignal();
        await WriteAsync("PING\r\n"u8.ToArray(), pong, cancellationToken).ConfigureAwait(false);
        await pong.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        SetState(NatsConnectionState.Closed).TrySetCanceled();
        await Task.WhenAll(_subscriptions.Values.Select(subscription => subscription.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    /// <summary>Connects, and again whenever the link breaks; ends only when the very first attempt fails.</summary>
    private async Task StayConnectedAsync()
    {
        var retry = 0;
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                using var link = await OpenAsync().ConfigureAwait(false);
                using var disposal = _disposed.Token.UnsafeRegister(static link => ((Link)link!).Dispose(), link);
                SetState(NatsConnectionState.Open).TrySetResult();
                retry = 0;

                // Whichever ends first ends the other, too.
                await Task.WhenAll(WriteLoopAsync(link), ReadLoopAsync(link)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_disposed.IsCancellationRequested)
                    return;

                SetState(NatsConnectionState.Reconnecting);
                RaiseDisconnected();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                if (_state == NatsConnectionState.Connecting && !_opts.RetryOnInitialConnect)
                {
                    // Whoever asks next may try again.
                    SetState(NatsConnectionState.Closed).TrySetException(new NatsException($"can not connect uris: nats://{_uri.Authority}", exception));
                    return;
                }

                LogReconnectFailed(exception, _uri.Authority);
                await BackOffAsync(retry++).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>The signal that was waited for until now.</returns>
    private TaskCompletionSource SetState(NatsConnectionState state)
    {
        lock (_gate)
        {
            (var opened, _state) = (_opened, state);
            _opened = state == NatsConnectionState.Open ? opened : Link.NewSignal();
            return opened;
        }
    }

    private Task BackOffAsync(int retry)
    {
        var wait = _opts.ReconnectWaitMin * Math.Pow(2, Math.Min(retry, 30));
        return Task.Delay((wait < _opts.ReconnectWaitMax ? wait : _opts.ReconnectWaitMax) + TimeSpan.FromMilliseconds(Random.Shared.Next(100)), _disposed.Token);
    }

    /// <summary>A socket that has greeted, logged in and subscribed again.</summary>
    private async Task<Link> OpenAsync()
    {
        var link = new Link();
        try
        {
            link.Stop.CancelAfter(ConnectTimeout);
            await link.ConnectAsync(_uri.Host, _uri.Port > 0 ? _uri.Port : 4222).ConfigureAwait(false);
            var user = _uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
            var (name, pass, token) = user.Length == 2 ? (user[0], user[1], null) : ((string?)null, (string?)null, user[0]);
            var options = JsonSerializer.Serialize(new { verbose = false, name = "NATS .NET Client", lang = ".NET", protocol = 1, headers = true, no_responders = true, user = name, pass, auth_token = token });
            await link.Stream.WriteAsync(Encoding.UTF8.GetBytes($"CONNECT {options}\r\nPING\r\n"), link.Stop.Token).ConfigureAwait(false);
            link.Pings.Enqueue(Link.NewSignal());
            while (!link.Pings.IsEmpty)
                await HandleAsync(link, await link.ReadLineAsync().ConfigureAwait(false)).ConfigureAwait(false);

            var subscriptions = string.Concat(_subscriptions.Values.Select(subscription => subscription.Command));
            await link.Stream.WriteAsync(Encoding.UTF8.GetBytes(subscriptions), link.Stop.Token).ConfigureAwait(false);
            link.Stop.CancelAfter(Timeout.InfiniteTimeSpan);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Hands a whole command to the write loop; returns before it is sent.</summary>
    private async ValueTask WriteAsync(byte[] command, TaskCompletionSource? pong, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_opts.CommandTimeout);
        await _outgoing.Writer.WriteAsync((command, pong), limit.Token).ConfigureAwait(false);
    }

    private async Task WriteLoopAsync(Link link)
    {
        using var end = link;
        var batch = new ArrayBufferWriter<byte>(65536);
        while (await _outgoing.Reader.WaitToReadAsync(link.Stop.Token).ConfigureAwait(false))
        {
            batch.ResetWrittenCount();
            while (batch.WrittenCount < 65536 && _outgoing.Reader.TryRead(out var command))
            {
                batch.Write(command.Bytes);
                if (command.Pong is { } pong)
                    link.Pings.Enqueue(pong);
            }

            // How much of it arrived when this fails, nobody knows: at most once means not again.
            await link.Stream.WriteAsync(batch.WrittenMemory, link.Stop.Token).ConfigureAwait(false);
        }
    }

    private async Task ReadLoopAsync(Link link)
    {
        using var end = link;
        while (true)
            await HandleAsync(link, await link.ReadLineAsync().ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async ValueTask HandleAsync(Link link, string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            // MSG subject sid [reply] size, HMSG subject sid [reply] headers-size size
            case "MSG" or "HMSG":
                var sizes = words[0] == "HMSG" ? 2 : 1;
                var (total, header) = (int.Parse(words[^1], null), sizes == 2 ? int.Parse(words[^2], null) : 0);
                var body = await link.ReadExactAsync(total + 2).ConfigureAwait(false);
                if (_subscriptions.TryGetValue(int.Parse(words[2], null), out var subscription))
                    subscription.Receive(words[1], words.Length > 3 + sizes ? words[3] : null, body[..header], body[header..total]);

                break;
            case "PING":
                await WriteAsync("PONG\r\n"u8.ToArray(), null, CancellationToken.None).ConfigureAwait(false);
                break;
            case "PONG" when link.Pings.TryDequeue(out var ping):
                ping.TrySetResult();
                break;
            case "INFO":
                _maxPayload = JsonDocument.Parse(line[5..]).RootElement.GetProperty("max_payload").GetInt32();
                break;
            case "-ERR":
                // The server closes the connection itself when it means to.
                LogServerError(_state == NatsConnectionState.Open ? line : throw new NatsException($"Server error: {line[4..].Trim(' ', '\'')}"));
                break;
        }
    }

    /// <summary>One after the other, and not on the thread that reads the socket.</summary>
    private void RaiseDisconnected()
    {
        foreach (var handler in ConnectionDisconnected?.GetInvocationList().Cast<AsyncEventHandler<NatsEventArgs>>() ?? [])
            _events = _events.ContinueWith(_ => handler(this, new NatsEventArgs()).AsTask(), TaskScheduler.Default).Unwrap();
    }

    [LoggerMessage(1001, LogLevel.Warning, "Failed to connect NATS {Url}")]
    private partial void LogReconnectFailed(Exception exception, string url);

    [LoggerMessage(1002, LogLevel.Error, "Server error {Error}")]
    private partial void LogServerError(string error);

    [LoggerMessage(1003, LogLevel.Warning, "Slow consumer detected on subscription {Subject}")]
    internal partial void LogDropped(string subject);
}

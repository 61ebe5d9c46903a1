using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace NATS.Client.Core;

/// <summary>The socket, what is written to it, and what happens when it breaks.</summary>
public sealed partial class NatsConnection
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Pipe _outgoing;
    private volatile NatsConnectionState _state = NatsConnectionState.Closed;
    private TaskCompletionSource _opened = NewSignal();
    private Link? _link;
    private Task<FlushResult>? _flush;
    private string? _lastAuthError;
    private bool _refused;

    public NatsConnectionState ConnectionState => _state;

    public INatsServerInfo? ServerInfo { get; private set; }

    public async ValueTask ConnectAsync()
    {
        for (var retry = 0; ; retry++)
        {
            Task waiting;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
                switch (_state)
                {
                    case NatsConnectionState.Open:
                        return;
                    case NatsConnectionState.Failed:
                        throw new NatsConnectionFailedException("Connection is in failed state");
                    case NatsConnectionState.Closed:
                        _state = NatsConnectionState.Connecting;
                        waiting = ConnectFirstAsync(_opened);
                        break;
                    default:
                        waiting = _opened.Task;
                        break;
                }
            }

            try
            {
                await waiting.ConfigureAwait(false);
                return;
            }
            catch (NatsException) when (Opts.RetryOnInitialConnect && _state != NatsConnectionState.Failed)
            {
                await BackOffAsync(retry).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default)
    {
        if (_state != NatsConnectionState.Open)
        {
            await ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var started = Stopwatch.GetTimestamp();
        var pong = NewSignal();
        await WriteAsync(
            writer =>
            {
                // Queued under the same lock as the bytes, for answers come in the order of the questions.
                (_link ?? throw new NatsException("Connection is lost")).Pings.Enqueue(pong);
                writer.Write("PING\r\n"u8);
            },
            cancellationToken).ConfigureAwait(false);
        await pong.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed.IsCancellationRequested)
            {
                return;
            }

            _disposed.Cancel();
            _opened.TrySetCanceled();
        }

        foreach (var subscription in _subscriptions.Values.Concat(_replies.Values))
        {
            subscription.Complete();
        }

        _link?.Dispose();
        _events.Writer.TryComplete();
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private async Task ConnectFirstAsync(TaskCompletionSource opened)
    {
        try
        {
            var link = await OpenAsync().ConfigureAwait(false);
            SetOpen(link);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var failure = new NatsException(
                exception is NatsServerException ? $"can not start to connect nats server: {Addresses()}" : $"can not connect uris: {Addresses()}", exception);
            lock (_gate)
            {
                // Whoever asks next may try again.
                _state = NatsConnectionState.Closed;
                _opened = NewSignal();
            }

            opened.TrySetException(failure);
            _ = opened.Task.Exception;
            throw failure;
        }
    }

    private void SetOpen(Link link)
    {
        lock (_gate)
        {
            if (_disposed.IsCancellationRequested)
            {
                link.Dispose();
                return;
            }

            _link = link;
            _state = NatsConnectionState.Open;
            _opened.TrySetResult();
        }

        LogConnected(_logger, Opts.Name, link.Address);
        Raise(ConnectionOpened, new NatsEventArgs(link.Address));
        _ = Task.Run(() => WriteLoopAsync(link));
        _ = Task.Run(() => PingLoopAsync(link));
        _ = Task.Run(() => StayConnectedAsync(link));
    }

    private async Task StayConnectedAsync(Link link)
    {
        await link.Closed.Task.ConfigureAwait(false);
        lock (_gate)
        {
            _state = NatsConnectionState.Reconnecting;
            _opened = NewSignal();
        }

        link.Dispose();
        await link.Written.Task.ConfigureAwait(false);
        if (_disposed.IsCancellationRequested)
        {
            return;
        }

        Raise(ConnectionDisconnected, new NatsEventArgs(link.Address));
        for (var retry = 0; !_disposed.IsCancellationRequested; retry++)
        {
            try
            {
                SetOpen(await OpenAsync().ConfigureAwait(false));
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogReconnectFailed(_logger, exception, link.Address);
                Raise(ReconnectFailed, new NatsEventArgs(link.Address));
                if (_refused || (Opts.MaxReconnectRetry > 0 && retry > Opts.MaxReconnectRetry))
                {
                    lock (_gate)
                    {
                        _state = NatsConnectionState.Failed;
                        _opened.TrySetException(new NatsConnectionFailedException(
                            _refused ? "Maximum authentication attempts exceeded" : "Maximum connection retry attempts exceeded"));
                        _ = _opened.Task.Exception;
                    }

                    return;
                }

                await BackOffAsync(retry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Task BackOffAsync(int retry)
    {
        var wait = Opts.ReconnectWaitMin * Math.Pow(2, Math.Min(retry, 30));
        return Task.Delay((wait < Opts.ReconnectWaitMax ? wait : Opts.ReconnectWaitMax) + (Opts.ReconnectJitter * Random.Shared.NextDouble()), _disposed.Token);
    }

    /// <summary>A socket that has greeted, logged in and subscribed again.</summary>
    private async Task<Link> OpenAsync()
    {
        Exception? last = null;
        foreach (var address in Opts.Url.Split(','))
        {
            var uri = new Uri(address.Contains("://", StringComparison.Ordinal) ? address : $"nats://{address}");
            var link = new Link(uri.Scheme == "nats" ? uri : throw new NotSupportedException($"{uri.Scheme}:// needs the real package NATS.Net."));
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
                timeout.CancelAfter(Opts.ConnectTimeout);
                await link.ConnectAsync(timeout.Token).ConfigureAwait(false);
                _ = Task.Run(() => ReadLoopAsync(link));
                await link.Info.Task.WaitAsync(Opts.ConnectTimeout).ConfigureAwait(false);
                var pong = NewSignal();
                link.Pings.Enqueue(pong);
                await link.SendAsync(Encoding.UTF8.GetBytes(
                    $"CONNECT {ConnectOptions(uri)}\r\nPING\r\n{string.Concat(_subscriptions.Values.Select(SubscribeCommand))}")).ConfigureAwait(false);
                await (await Task.WhenAny(pong.Task, link.Refused.Task).WaitAsync(Opts.ConnectTimeout).ConfigureAwait(false)).ConfigureAwait(false);
                _lastAuthError = null;
                return link;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                link.Dispose();
                last = exception;
                if (exception is NatsServerException { IsAuthError: true } refused)
                {
                    _refused = !Opts.IgnoreAuthErrorAbort && refused.Error == Interlocked.Exchange(ref _lastAuthError, refused.Error);
                }
            }
        }

        throw last!;
    }

    private string ConnectOptions(Uri uri)
    {
        var user = uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["verbose"] = false,
            ["pedantic"] = false,
            ["echo"] = Opts.Echo,
            ["name"] = Opts.Name,
            ["lang"] = ".NET",
            ["version"] = typeof(NatsConnection).Assembly.GetName().Version!.ToString(3),
            ["protocol"] = 1,
            ["headers"] = true,
            ["no_responders"] = true,
            ["user"] = user.Length == 2 ? user[0] : null,
            ["pass"] = user.Length == 2 ? user[1] : null,
            ["auth_token"] = user is [{ Length: > 0 } token] ? token : null,
        });
    }

    private string Addresses() => string.Join(',', Opts.Url.Split(',').Select(address => address[(address.LastIndexOf('@') + 1)..]));

    private async ValueTask ConnectAndPublishAsync<T>(string subject, T data, NatsHeaders? headers, string? replyTo, INatsSerialize<T>? serializer, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Opts.PublishTimeoutOnDisconnected ? Opts.CommandTimeout : Timeout.InfiniteTimeSpan);
        await ConnectAsync().AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        await WritePublishAsync(subject, data, headers, replyTo, serializer, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask WritePublishAsync<T>(string subject, T data, NatsHeaders? headers, string? replyTo, INatsSerialize<T>? serializer, CancellationToken cancellationToken)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        if (data is not null)
        {
            (serializer ?? Opts.SerializerRegistry.GetSerializer<T>()).Serialize(payload, data);
        }

        var header = headers?.Write() ?? [];
        var size = header.Length + payload.WrittenCount;
        if (ServerInfo is { } info && size > info.MaxPayload)
        {
            throw new NatsPayloadTooLargeException($"Payload size {size} exceeds server's maximum payload size {info.MaxPayload}");
        }

        var route = replyTo is null ? subject : $"{subject} {replyTo}";
        return WriteAsync(
            writer =>
            {
                Encoding.UTF8.GetBytes(header.Length == 0 ? $"PUB {route} {size}\r\n" : $"HPUB {route} {header.Length} {size}\r\n", writer);
                writer.Write(header);
                writer.Write(payload.WrittenSpan);
                writer.Write("\r\n"u8);
            },
            cancellationToken);
    }

    private ValueTask WriteAsync(string command, CancellationToken cancellationToken) => WriteAsync(writer => Encoding.UTF8.GetBytes(command, writer), cancellationToken);

    /// <summary>Hands whole commands to the write loop; returns before they are sent, and waits only while too much is unsent.</summary>
    private async ValueTask WriteAsync(Action<PipeWriter> write, CancellationToken cancellationToken)
    {
        if (!await _writing.WaitAsync(Opts.CommandTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw new NatsTimeoutException();
        }

        try
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            if (_flush is { IsCompleted: false })
            {
                await _flush.WaitAsync(Opts.CommandTimeout, cancellationToken).ConfigureAwait(false);
            }

            write(_outgoing.Writer);
            _flush = _outgoing.Writer.FlushAsync(CancellationToken.None).AsTask();
        }
        catch (TimeoutException)
        {
            throw new NatsTimeoutException();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteLoopAsync(Link link)
    {
        try
        {
            while (true)
            {
                var read = await _outgoing.Reader.ReadAsync(link.Stop.Token).ConfigureAwait(false);
                try
                {
                    foreach (var segment in read.Buffer)
                    {
                        await link.SendAsync(segment).ConfigureAwait(false);
                    }
                }
                finally
                {
                    // How much of it arrived when sending fails, nobody knows: at most once means not again.
                    _outgoing.Reader.AdvanceTo(read.Buffer.End);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            link.Dispose();
        }
        finally
        {
            link.Written.TrySetResult();
        }
    }

    private async Task PingLoopAsync(Link link)
    {
        using var timer = new PeriodicTimer(Opts.PingInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(link.Stop.Token).ConfigureAwait(false))
            {
                if (link.Pings.Count >= Opts.MaxPingOut)
                {
                    link.Dispose();
                    return;
                }

                _ = PingAsync(link.Stop.Token).AsTask().ContinueWith(static task => task.Exception, TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            // The link is gone; the next one has a loop of its own.
        }
    }

    private async Task ReadLoopAsync(Link link)
    {
        try
        {
            while (await link.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                await HandleAsync(link, line).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            LogLost(_logger, exception, link.Address);
        }
        finally
        {
            link.Close();
        }
    }

    private async ValueTask HandleAsync(Link link, string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words.FirstOrDefault())
        {
            case "MSG" or "HMSG":
                var sizes = words[0] == "HMSG" ? 2 : 1;
                var total = int.Parse(words[^1], null);
                var header = sizes == 2 ? int.Parse(words[^2], null) : 0;
                var body = await link.ReadExactAsync(total + 2).ConfigureAwait(false);
                if (_subscriptions.TryGetValue(int.Parse(words[2], null), out var subscription))
                {
                    await subscription.ReceiveAsync(words[1], words.Length > 3 + sizes ? words[3] : null, body[..header], body[header..total]).ConfigureAwait(false);
                }

                break;
            case "PING":
                if (_state == NatsConnectionState.Open)
                {
                    await WriteAsync("PONG\r\n", CancellationToken.None).ConfigureAwait(false);
                }
                else
                {
                    await link.SendAsync("PONG\r\n"u8.ToArray()).ConfigureAwait(false);
                }

                break;
            case "PONG":
                if (link.Pings.TryDequeue(out var ping))
                {
                    ping.TrySetResult();
                }

                break;
            case "INFO":
                ServerInfo = JsonSerializer.Deserialize<InfoMessage>(line.AsSpan(5));
                link.Info.TrySetResult();
                break;
            case "-ERR":
                var error = line[4..].Trim(' ', '\'');
                LogServerError(_logger, error);
                link.Refused.TrySetException(new NatsServerException(error));
                _ = link.Refused.Task.Exception;
                Raise(ServerError, new NatsServerErrorEventArgs(error));
                break;
            default:
                break;
        }
    }

    private Pipe NewPipe() => new(new PipeOptions(
        pauseWriterThreshold: Opts.WriterBufferSize, resumeWriterThreshold: Opts.WriterBufferSize / 2, useSynchronizationContext: false));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(1001, LogLevel.Information, "Connect succeed {Name}, NATS {Url}")]
    private static partial void LogConnected(ILogger logger, string name, string url);

    [LoggerMessage(1002, LogLevel.Warning, "Failed to connect NATS {Url}")]
    private static partial void LogReconnectFailed(ILogger logger, Exception exception, string url);

    [LoggerMessage(1003, LogLevel.Debug, "Lost NATS {Url}")]
    private static partial void LogLost(ILogger logger, Exception exception, string url);

    [LoggerMessage(1004, LogLevel.Error, "Server error {Error}")]
    private static partial void LogServerError(ILogger logger, string error);

    [LoggerMessage(1005, LogLevel.Error, "Error occured when publishing events")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception);
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gaia.Tests.Infrastructure;

/// <summary>One server process on a free port of its own, which may be stopped and started again.</summary>
/// <param name="command">The binary.</param>
/// <param name="arguments">Where <c>{port}</c> stands for the port.</param>
/// <param name="isReady">Fails until the server on this port answers.</param>
/// <param name="crashSignal">What ends it at once, with its children.</param>
internal sealed class NativeServer(string command, IReadOnlyList<string> arguments, Func<int, Task> isReady, string crashSignal = "KILL") : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly StringBuilder _log = new();
    private Process? _process;

    public int Port { get; } = FreePort();

    /// <summary>What the server has written so far, over all its starts.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>A port that nothing listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ready for a server that answers once it listens.</summary>
    public static async Task ConnectAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
    }

    public async Task StartAsync()
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command, arguments.Select(argument => argument == "{port}" ? $"{Port}" : argument)) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await isReady(Port);
                return;
            }
            catch (Exception exception) when (exception is SocketException or Npgsql.NpgsqlException)
            {
                if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
                    throw new InvalidOperationException($"{command} does not start:\n{Log}", exception);
                await Task.Delay(50);
            }
        }
    }

    /// <summary>As in a crash: no session is waited for.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
        {
            await RepositoryClone.RunAsync("kill", [$"-{crashSignal}", $"{_process.Id}"]);
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }

        _process.Dispose();
        _process = null;
    }

    /// <summary>Lets the server hang for as long as <paramref name="meanwhile"/> runs: it stays connected, and answers nothing.</summary>
    public async Task WhileHungAsync(Func<Task> meanwhile)
    {
        await RepositoryClone.RunAsync("kill", ["-STOP", $"{_process!.Id}"]);
        try
        {
            await meanwhile();
        }
        finally
        {
            await RepositoryClone.RunAsync("kill", ["-CONT", $"{_process.Id}"]);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private void Write(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gaia.Tests.RestrictedFeed;

/// <summary>A real server of this machine on a free port, which a test may kill and start again.</summary>
public sealed class LocalServer : IDisposable
{
    private readonly string _program;
    private readonly Func<int, string, string[]> _arguments;
    private readonly string _folder = Directory.CreateTempSubdirectory("gaia-server-").FullName;
    private Process? _process;

    private LocalServer(string program, Func<int, string, string[]> arguments)
    {
        _program = program;
        _arguments = arguments;
        Port = FreePort();
    }

    public int Port { get; }

    public static LocalServer Nats(string? password = null) => new(
        "nats-server", (port, _) => ["-a", "127.0.0.1", "-p", $"{port}", .. password is null ? (string[])[] : ["--user", "nats", "--pass", password]]);

    public static LocalServer Redis(string password) => new(
        "redis-server", (port, folder) => ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--save", "", "--requirepass", password]);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Find(_program), _arguments(Port, _folder)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (attempt < 200 && !_process.HasExited)
            {
                await Task.Delay(25);
            }
        }
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // Debian puts servers where a user's PATH may not reach.
    private static string Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin".Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"These tests need {program} (apt-get install {program}).");
}

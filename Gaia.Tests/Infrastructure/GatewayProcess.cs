using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gaia.Tests.Infrastructure;

/// <summary>A gateway in a process of its own, as it is run.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();

    private GatewayProcess(Process process, int port)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public HttpClient Client { get; }

    public static async Task<GatewayProcess> StartAsync(NativeServers servers, string authUrl, string chatUrl, params IEnumerable<(string Key, string? Value)> settings)
    {
        var port = NativeServer.FreePort();
        // The same build as that of the tests: …/bin/Debug/net10.0/.
        var output = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var (framework, configuration) = (Path.GetFileName(output), Path.GetFileName(Path.GetDirectoryName(output)!));
        var project = Path.Combine(RepositoryClone.Root, "Gaia.Gateway");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(project, "bin", configuration, framework, "Gaia.Gateway.dll")])
        {
            WorkingDirectory = project,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["services__auth__http__0"] = authUrl,
                ["services__chat__http__0"] = chatUrl,
                ["Gaia__ServiceKey"] = AuthHost.ServiceKey,
            },
        };
        foreach (var (key, value) in servers.Settings(await servers.CreateDatabaseAsync()).Select(setting => (setting.Key, setting.Value)).Concat(settings))
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        var gateway = new GatewayProcess(new Process { StartInfo = start }, port);
        var started = false;
        try
        {
            await gateway.UntilLoggedAsync("Application started");
            started = true;
            return gateway;
        }
        finally
        {
            if (!started)
                await gateway.DisposeAsync();
        }
    }

    /// <summary>Waits until it has written this.</summary>
    public async Task UntilLoggedAsync(string text)
    {
        var started = Stopwatch.GetTimestamp();
        while (!_log.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            Assert.True(!_process.HasExited && Stopwatch.GetElapsedTime(started) < StartLimit, $"'{text}' is not in the log:\n{string.Join('\n', _log)}");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }

        _process.Dispose();
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;

namespace Gaia.Tests.Infrastructure;

/// <summary>A service in a process of its own, as it is run.</summary>
internal sealed class SeparateProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();

    private SeparateProcess(Process process, int port)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Url = $"http://127.0.0.1:{port}";
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    public HttpClient Client { get; }

    public static async Task<SeparateProcess> GatewayAsync(NativeServers servers, string authUrl, string chatUrl, params IEnumerable<(string Key, string? Value)> settings) =>
        await StartAsync(
            "Gaia.Gateway",
            [.. servers.Settings(await servers.CreateDatabaseAsync()).Select(setting => (setting.Key, setting.Value)), ("services:auth:http:0", authUrl), ("services:chat:http:0", chatUrl), .. settings]);

    /// <summary>A Chat that asks the scripted provider.</summary>
    public static Task<SeparateProcess> ChatAsync(NativeServers servers, string database, string authUrl, ScriptedProvider provider, params IEnumerable<(string Key, string? Value)> settings) =>
        StartAsync(
            "Gaia.Chat",
            [
                .. servers.Settings(database).Select(setting => (setting.Key, setting.Value)), ("services:auth:http:0", authUrl),
                ("Providers:OpenAI:ApiKey", ChatHost.OpenAIKey), ("Providers:OpenAI:BaseUrl", provider.OpenAiEndpoint.ToString()), ("Providers:DefaultModel", ChatHost.OpenAIModel), .. settings,
            ]);

    private static async Task<SeparateProcess> StartAsync(string name, IEnumerable<(string Key, string? Value)> settings)
    {
        var port = NativeServer.FreePort();
        // The same build as that of the tests: …/bin/Debug/net10.0/.
        var output = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var (framework, configuration) = (Path.GetFileName(output), Path.GetFileName(Path.GetDirectoryName(output)!));
        var project = Path.Combine(RepositoryClone.Root, name);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(project, "bin", configuration, framework, $"{name}.dll")])
        {
            WorkingDirectory = project,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["Gaia__ServiceKey"] = AuthHost.ServiceKey,
            },
        };
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        var service = new SeparateProcess(new Process { StartInfo = start }, port);
        var started = false;
        try
        {
            await service.UntilLoggedAsync("Application started");
            started = true;
            return service;
        }
        finally
        {
            if (!started)
                await service.DisposeAsync();
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
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
            await KillAsync();
        _process.Dispose();
    }
}

using System.Diagnostics;
using System.Text;

namespace Gaia.Tests.Infrastructure;

/// <summary>A <c>./gaia run</c> in a terminal's process group of its own.</summary>
internal sealed class GaiaCommand : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _curl = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GaiaCommand(Process process) => _process = process;

    /// <summary>The curl line of the table, once everything is healthy.</summary>
    public async Task<string> CurlLineAsync(TimeSpan limit)
    {
        try
        {
            return await _curl.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"./gaia run was not up within {limit}. It had printed:\n{Output}");
        }
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static GaiaCommand Run(string folder, int portOffset)
    {
        // A process group and signals that end it, as an interactive shell gives: one that runs the tests in the background ignores Ctrl-C.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", "setsid", "./gaia", "run", "--port-offset", $"{portOffset}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test run itself was given must not leak into the stack under test.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPIRE_", StringComparison.Ordinal) || name.StartsWith("VSTEST_", StringComparison.Ordinal) || name.StartsWith("MSBUILD", StringComparison.Ordinal) || name is "RestrictedFeed").ToList())
            start.Environment.Remove(name);
        var command = new GaiaCommand(Process.Start(start)!);
        command._process.OutputDataReceived += (_, line) => command.Read(line.Data);
        command._process.ErrorDataReceived += (_, line) => command.Read(line.Data);
        command._process.EnableRaisingEvents = true;
        command._process.Exited += async (_, _) =>
        {
            // Its last lines may still be on their way.
            await command._process.WaitForExitAsync();
            command._curl.TrySetException(new InvalidOperationException($"./gaia run ended early:\n{command.Output}"));
        };
        command._process.BeginOutputReadLine();
        command._process.BeginErrorReadLine();
        return command;
    }

    /// <summary>Ctrl-C: the terminal interrupts the whole process group.</summary>
    public async Task InterruptAsync(TimeSpan limit)
    {
        try
        {
            await RepositoryClone.RunAsync("kill", ["-INT", "--", $"-{_process.Id}"]);
        }
        catch (InvalidOperationException)
        {
            // One that only prints what runs already may have ended by itself just now; one that goes on fails the wait.
        }

        await _process.WaitForExitAsync().WaitAsync(limit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await InterruptAsync(TimeSpan.FromSeconds(60));
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        var curl = line.IndexOf("curl ", StringComparison.Ordinal);
        if (curl >= 0)
            _curl.TrySetResult(line[curl..]);
    }
}

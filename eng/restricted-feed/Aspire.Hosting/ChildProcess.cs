using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A process with a process group of its own, which ends with it, and with the AppHost even when that is killed.</summary>
internal sealed class ChildProcess
{
    private const int Terminate = 15, Kill = 9;
    private static readonly string[] s_notInherited = ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPIRE_LOGLEVEL"];
    private static readonly BlockingCollection<Action> s_starts = [];
    private readonly Process _process;
    // The kernel sends the parent's death signal when the thread that forked ends, so that has to be one that never does.
    static ChildProcess() => new Thread(() =>
    {
        foreach (var start in s_starts.GetConsumingEnumerable()) start();
    })
    { IsBackground = true, Name = "Child processes" }.Start();
    private ChildProcess(Process process, ResourceLoggerService.ResourceLog log) => (_process, Exited) = (process, RunAsync(process, log));
    public Task<int> Exited { get; }

    public static ChildProcess Start(string command, IEnumerable<string> arguments, string folder, Dictionary<string, string> environment, ResourceLoggerService.ResourceLog log)
    {
        var program = Find(command, folder) ?? throw new DistributedApplicationException($"The command '{command}' was not found.");
        string[] wrapper = OperatingSystem.IsLinux() && Find("setpriv", folder) is { } setpriv && Find("setsid", folder) is { } setsid
            ? [setpriv, "--pdeathsig", "TERM", setsid] : [];
        string[] all = [.. wrapper, program, .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var name in s_notInherited) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_starts.Add(() =>
        {
            try { started.SetResult(Process.Start(start)!); }
            catch (System.ComponentModel.Win32Exception exception) { started.SetException(exception); }
        });
        return new(started.Task.GetAwaiter().GetResult(), log);
    }
    public async Task StopAsync(TimeSpan patience)
    {
        Signal(_process.Id, Terminate);
        if (await Task.WhenAny(Exited, Task.Delay(patience)).ConfigureAwait(false) != Exited) Signal(-_process.Id, Kill);
        await Exited.ConfigureAwait(false);
    }
    public static string? Find(string command, string folder) => command.Contains('/')
        ? Path.GetFullPath(command, folder) is var path && File.Exists(path) ? path : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(part => Path.Combine(part, command)).FirstOrDefault(File.Exists);
    private static async Task<int> RunAsync(Process process, ResourceLoggerService.ResourceLog log)
    {
        async Task ReadAsync(StreamReader reader, bool isError) { while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line) log.Add(line, isError); }
        process.StandardInput.Close();
        var output = Task.WhenAll(ReadAsync(process.StandardOutput, false), ReadAsync(process.StandardError, true));
        await process.WaitForExitAsync().ConfigureAwait(false);
        Signal(-process.Id, Kill);
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
        return process.ExitCode;
    }
    private static void Signal(int process, int signal)
    {
        if (!OperatingSystem.IsWindows()) _ = SendSignal(process, signal);
        else if (process > 0) Process.GetProcessById(process).Kill(entireProcessTree: true);
    }
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}

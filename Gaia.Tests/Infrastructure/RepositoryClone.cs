using System.Diagnostics;

namespace Gaia.Tests.Infrastructure;

/// <summary>The repository as it is now, uncommitted changes included, in a new folder that is deleted at the end.</summary>
internal sealed class RepositoryClone : IDisposable
{
    private RepositoryClone(string folder) => Folder = folder;

    public string Folder { get; }

    public static string Root { get; } = FindRoot();

    public static async Task<RepositoryClone> CreateAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"gaia-clone-{Guid.NewGuid():N}");
        await RunAsync("git", ["clone", "--quiet", Root, folder]);
        foreach (var file in (await RunAsync("git", ["-C", Root, "ls-files", "--modified", "--others", "--exclude-standard"])).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var target = Path.Combine(folder, file);
            if (File.Exists(Path.Combine(Root, file)))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(Path.Combine(Root, file), target, overwrite: true);
            }
            else
            {
                File.Delete(target);
            }
        }

        return new RepositoryClone(folder);
    }

    public static async Task<string> RunAsync(string command, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command} failed: {await errors}{output}");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gaia.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Gaia.sln is not above the tests.");
        return folder;
    }
}

namespace Gaia.Tests.Infrastructure;

/// <summary>What Linux tells of a process; empty for one that has ended or is not ours to see.</summary>
internal static class ProcFile
{
    public static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public static string CommandLine(int pid) => Read(pid, "cmdline").Replace('\0', ' ');

    /// <summary>The state (<c>T</c> for stopped) and the parent. The name before them, in brackets, may hold anything.</summary>
    public static (char State, int Parent) Stat(int pid)
    {
        var stat = Read(pid, "stat");
        return stat.LastIndexOf(')') is var end and > 0 && stat[(end + 2)..].Split(' ') is [[var state], var parent, ..] ? (state, int.Parse(parent, null)) : default;
    }
}

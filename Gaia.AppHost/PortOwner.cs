using System.Globalization;

namespace Gaia.AppHost;

/// <summary>Names the process that listens on a port, where /proc tells.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    public static string? Find(int port)
    {
        var sockets = Tables.Where(File.Exists).SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(field => field.Length > 9 && field[3] == Listening
                && int.TryParse(field[1][(field[1].LastIndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var local) && local == port)
            .Select(field => $"socket:[{field[9]}]").ToHashSet();
        if (sockets.Count == 0) return null;

        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (Directory.EnumerateFileSystemEntries($"{process}/fd").Any(handle => sockets.Contains(new FileInfo(handle).LinkTarget ?? "")))
                    return $"{File.ReadAllText($"{process}/comm").Trim()} (process {Path.GetFileName(process)})";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another user's process, or one that has just ended.
            }
        }

        return null;
    }
}

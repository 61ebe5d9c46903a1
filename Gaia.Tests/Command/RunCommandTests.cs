using System.Text.Json;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Command;

public partial class RunCommandTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_fresh_clone_runs_answers_the_printed_curl_line_leaves_nothing_behind_and_remembers()
    {
        using var clone = await RepositoryClone.CreateAsync();
        var offset = Random.Shared.Next(10_000, 20_000);
        string conversation;

        await using (var first = GaiaCommand.Run(clone.Folder, offset))
        {
            var curl = await first.CurlLine.WaitAsync(StartLimit);
            var answer = JsonDocument.Parse(await RepositoryClone.RunAsync("bash", ["-c", curl])).RootElement;
            Assert.NotEmpty(answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
            conversation = answer.GetProperty("_metadata").GetProperty("conversation_id").GetString()!;
            Assert.All(ServicesIn(clone.Folder), service => Assert.True(service.Megabytes < 200, $"{service.Name} takes {service.Megabytes} MB"));

            await using (var again = GaiaCommand.Run(clone.Folder, offset))
                Assert.Equal(curl, await again.CurlLine.WaitAsync(StopLimit));

            await first.InterruptAsync(StopLimit);
        }

        Assert.Empty(ProcessesOf(clone.Folder));

        await using (var second = GaiaCommand.Run(clone.Folder, offset))
        {
            var curl = await second.CurlLine.WaitAsync(StartLimit);
            var read = UrlAndKey().Match(curl);
            var messages = await RepositoryClone.RunAsync("curl", ["-sf", "-H", read.Groups["key"].Value, $"{read.Groups["gateway"].Value}/api/v1/conversations/{conversation}/messages"]);
            Assert.Equal(2, JsonDocument.Parse(messages).RootElement.GetProperty("messages").GetArrayLength());
            await second.InterruptAsync(StopLimit);
        }

        Assert.Empty(ProcessesOf(clone.Folder));
        await RepositoryClone.RunAsync(Path.Combine(clone.Folder, "gaia"), ["reset"]);
    }

    [GeneratedRegex("(?<gateway>http://[^/ ]+)/.*-H '(?<key>X-API-Key: [^']+)'")]
    private static partial Regex UrlAndKey();

    private static IEnumerable<(string Name, long Megabytes)> ServicesIn(string folder) =>
        from process in System.Diagnostics.Process.GetProcesses()
        let command = ReadProc(process.Id, "cmdline")
        where command.Contains(folder, StringComparison.Ordinal) && ServiceName().IsMatch(command)
        select (ServiceName().Match(command).Value, process.WorkingSet64 / 1024 / 1024);

    [GeneratedRegex(@"Gaia\.(Gateway|Auth|Chat|Asset|KB|Web)\b")]
    private static partial Regex ServiceName();

    /// <summary>Every process that was started from the folder, runs in it, or was told of it; servers that the build keeps do not count.</summary>
    private static List<string> ProcessesOf(string folder) =>
        [.. from process in System.Diagnostics.Process.GetProcesses()
            let command = ReadProc(process.Id, "cmdline")
            where (command + ReadProc(process.Id, "environ")).Contains(folder, StringComparison.Ordinal)
            where !command.Contains("VBCSCompiler", StringComparison.Ordinal)
            select $"{process.Id}: {command}"];

    private static string ReadProc(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}").Replace('\0', ' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

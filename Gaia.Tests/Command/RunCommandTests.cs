using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gaia.Tests.Infrastructure;

namespace Gaia.Tests.Command;

public partial class RunCommandTests
{
    /// <summary>A fresh clone is built first, beside the other tests.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    /// <remarks>All ports stay below 20000, from where stacks under test take theirs, and outgoing connections after those.</remarks>
    [Fact]
    public async Task A_fresh_clone_runs_answers_the_printed_curl_line_leaves_nothing_behind_and_remembers()
    {
        using var clone = await RepositoryClone.CreateAsync();
        var offset = Random.Shared.Next(1_000, 1_100);
        string conversation;

        await using (var first = GaiaCommand.Run(clone.Folder, offset))
        {
            var curl = await first.CurlLineAsync(StartLimit);
            var answer = JsonDocument.Parse(await RepositoryClone.RunAsync("bash", ["-c", curl])).RootElement;
            Assert.NotEmpty(answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
            conversation = answer.GetProperty("_metadata").GetProperty("conversation_id").GetString()!;
            await WorkAsync(UrlAndKey().Match(curl));
            var services = ServicesIn(clone.Folder);
            Assert.Equal(["Gaia.Asset", "Gaia.Auth", "Gaia.Chat", "Gaia.Gateway", "Gaia.KB", "Gaia.Web"], services.Select(service => service.Name).Order(StringComparer.Ordinal));
            Assert.All(services, service => Assert.True(service.Megabytes is > 0 and < 200, $"{service.Name} takes {service.Megabytes} MB"));

            await using (var again = GaiaCommand.Run(clone.Folder, offset))
                Assert.Equal(curl, await again.CurlLineAsync(StopLimit));

            await first.InterruptAsync(StopLimit);
        }

        Assert.Empty(ProcessesOf(clone.Folder));

        await using (var second = GaiaCommand.Run(clone.Folder, offset))
        {
            var curl = await second.CurlLineAsync(StartLimit);
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

    /// <summary>What a service takes says nothing before it has worked.</summary>
    private static async Task WorkAsync(Match address)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address.Groups["gateway"].Value) };
        var key = address.Groups["key"].Value.Split(": ");
        client.DefaultRequestHeaders.Add(key[0], key[1]);
        var messages = Enumerable.Range(1, 30).Select(number => $"What is {number} times 7?").Append(string.Concat(Enumerable.Repeat("All work and no play. ", 4_000)));
        foreach (var message in messages)
        {
            using var response = await client.PostAsJsonAsync("/api/v1/chat", new { message });
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private static List<(string Name, long Megabytes)> ServicesIn(string folder) =>
        [.. from process in System.Diagnostics.Process.GetProcesses()
            let program = Program(ReadProc(process.Id, "cmdline"), folder)
            where program is not null && ServiceName().IsMatch(program)
            select (program, process.WorkingSet64 / 1024 / 1024)];

    /// <summary>The program of this folder that a command line runs, by itself or through <c>dotnet</c>; null for <c>dotnet run</c> and others.</summary>
    private static string? Program(string command, string folder) =>
        command.Split(' ').Take(3).FirstOrDefault(part => part.StartsWith(folder, StringComparison.Ordinal)) is { } path
            ? Path.GetFileName(path.EndsWith(".dll", StringComparison.Ordinal) ? path[..^4] : path)
            : null;

    [GeneratedRegex(@"\AGaia\.(Gateway|Auth|Chat|Asset|KB|Web)\z")]
    private static partial Regex ServiceName();

    /// <summary>Every process that was started from the folder, runs in it, or was told of it; servers that the build keeps do not count.</summary>
    private static List<string> ProcessesOf(string folder) =>
        [.. from process in System.Diagnostics.Process.GetProcesses()
            let command = ReadProc(process.Id, "cmdline")
            where (command + ReadProc(process.Id, "environ")).Contains(folder, StringComparison.Ordinal)
            where !command.Contains("VBCSCompiler", StringComparison.Ordinal)
            select $"{process.Id}: {command}"];

    private static string ReadProc(int pid, string file) => ProcFile.Read(pid, file).Replace('\0', ' ');
}

using System.Diagnostics;
using System.Globalization;

namespace Gaia.Bench;

/// <summary>The measurements of the web chat.</summary>
internal static class Web
{
    private const string Password = "correct horse battery staple";

    /// <summary>Prints "median p99" for each page, in milliseconds: pages are opened in turns, one after the other.</summary>
    public static async Task PrintOpenAsync(string address, string email, int count, string[] paths)
    {
        // The first ones compile the other side.
        const int warm = 50;
        using var person = new WebPerson(address);
        await person.SignInAsync(email, Password);
        var times = paths.ToDictionary(path => path, _ => new List<double>(count));
        for (var i = 0; i < warm + count; i++)
        {
            foreach (var path in paths)
            {
                var time = await person.OpenAsync(path);
                if (i >= warm)
                    times[path].Add(time);
            }
        }

        foreach (var path in paths)
        {
            times[path].Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times[path][count / 2]:F3} {times[path][count * 99 / 100]:F3}"));
        }
    }

    /// <summary>
    /// So many people chat at once until so many messages are answered, and the memory of the web service is written down after each round. Prints a line
    /// "messages resident" for each, in MiB, beginning before the first message, and at last "max resident" of the whole time.
    /// </summary>
    public static async Task PrintMemoryAsync(string address, int pid, int people, int messages, int rounds)
    {
        var all = Enumerable.Range(0, people).Select(_ => new WebPerson(address)).ToList();
        foreach (var person in all)
            await person.RegisterAsync($"{Guid.NewGuid():N}@example.com", Password);
        using var web = Process.GetProcessById(pid);
        using var ended = new CancellationTokenSource();
        var watch = WatchAsync(web, ended.Token);
        Print(0);
        for (var round = 1; round <= rounds; round++)
        {
            await Task.WhenAll(all.Select(async person =>
            {
                for (var i = 0; i < messages / rounds / people; i++)
                    await person.AskAsync("bench 64 5");
            }));
            Print(messages / rounds * round);
        }

        await ended.CancelAsync();
        var most = await watch;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"max {most:F1}"));
        all.ForEach(person => person.Dispose());

        void Print(int answered) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answered} {Resident(web):F1}"));
    }

    private static async Task<double> WatchAsync(Process web, CancellationToken cancellationToken)
    {
        var most = 0.0;
        while (!cancellationToken.IsCancellationRequested)
        {
            most = Math.Max(most, Resident(web));
            await Task.Delay(100, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return most;
    }

    private static double Resident(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 / 1024.0 / 1024.0;
    }
}

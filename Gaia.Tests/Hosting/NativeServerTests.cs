using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Gaia.AppHost;
using Npgsql;

namespace Gaia.Tests.Hosting;

/// <summary>The servers as processes of this machine. Without their binaries there is nothing to try.</summary>
public sealed class NativeServerTests
{
    [NativeServersFact]
    public async Task They_start_answer_keep_their_data_over_a_restart_and_leave_nothing_behind_after_a_test()
    {
        var builder = Models.Create("--DcpPublisher:RandomizePorts=true", "--Gaia:Backing=native");
        var stack = StackBuilder.Configure(builder);
        Assert.Null(stack.Problem);
        var (database, redis, nats) = (stack.AddDatabase(), stack.AddRedis(), stack.AddNats());

        await using (var app = await builder.StartAsync())
        {
            foreach (var name in new[] { "postgres", "gaia", "redis", "nats" })
                await app.ResourceNotifications.WaitForResourceHealthyAsync(name).WaitAsync(TimeSpan.FromSeconds(60));

            var connectionString = await database.Resource.GetConnectionStringAsync();
            Assert.Matches("^Host=127.0.0.1;Port=[0-9]+;Username=postgres;Password=[0-9a-f]{64};Database=gaia$", connectionString);
            Assert.Equal("on", await QueryAsync(connectionString, "SHOW synchronous_commit"));
            await QueryAsync(connectionString, "CREATE TABLE kept AS SELECT 'Grüße' AS text");

            Assert.Matches("^127.0.0.1:[0-9]+,password=[0-9a-f]{64}$", await redis.Resource.GetConnectionStringAsync());
            Assert.StartsWith("-NOAUTH", await AskAsync(stack.Ports["redis"], "PING\r\n"));
            Assert.StartsWith("-WRONGPASS", await AskAsync(stack.Ports["redis"], "AUTH wrong\r\n"));
            Assert.Matches("^nats://nats:[0-9a-f]{64}@127.0.0.1:[0-9]+$", await nats.Resource.GetConnectionStringAsync());
            Assert.Contains("\"jetstream\":true", await AskAsync(stack.Ports["nats"], ""));
            using var client = new HttpClient();
            Assert.Contains("nats", await client.GetStringAsync(new Uri($"http://127.0.0.1:{stack.Ports["nats-monitoring"]}/varz")));

            AssertNoProcessShowsItsPassword(stack.Data);
            Assert.True(File.Exists(Path.Combine(stack.Data.PostgresPath, "gaia.password")));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(stack.Data.Path, "secrets.json")));

            await app.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StopCommand);
            await app.UntilAsync("postgres", KnownResourceStates.Finished);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => QueryAsync(connectionString, "SELECT 1"));
            await app.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StartCommand);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("postgres").WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal("GRÜSSE", (await QueryAsync(connectionString, "SELECT upper(text) FROM kept"))?.Replace("ß", "SS"));
            await app.StopAsync();
        }

        Assert.False(Directory.Exists(stack.Data.Path));
        Assert.False(Directory.Exists(stack.Data.PostgresPath));
    }

    [NativeServersFact]
    public async Task A_stop_does_not_wait_for_the_sessions_of_PostgreSQL()
    {
        var builder = Models.Create("--DcpPublisher:RandomizePorts=true", "--Gaia:Backing=native");
        var database = StackBuilder.Configure(builder).AddDatabase();

        await using var app = await builder.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("postgres").WaitAsync(TimeSpan.FromSeconds(60));
        await using var session = new NpgsqlConnection(await database.Resource.GetConnectionStringAsync());
        await session.OpenAsync();

        await app.ResourceCommands.ExecuteCommandAsync("postgres", KnownResourceCommands.StopCommand).WaitAsync(TimeSpan.FromSeconds(8));
        var stopped = await app.UntilAsync("postgres", KnownResourceStates.Finished);
        Assert.Equal(0, stopped.Snapshot.ExitCode);
        await app.StopAsync();
    }

    [NativeServersFact]
    public async Task New_data_at_a_path_where_other_data_has_been_deleted_starts_empty()
    {
        var path = Path.Combine(Path.GetTempPath(), $"gaia-data-{Guid.NewGuid():N}");
        var left = new HashSet<string>();
        try
        {
            // Deleted as whoever throws a clone away does it, without ./gaia reset.
            for (var round = 0; round < 2; round++, Directory.Delete(path, recursive: true))
                left.Add(await MakeTableAsync(path));
        }
        finally
        {
            foreach (var folder in left.Append(path).Where(Directory.Exists))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> MakeTableAsync(string path)
    {
        var builder = Models.Create("--DcpPublisher:RandomizePorts=true", "--Gaia:Backing=native", $"--Gaia:DataRoot={path}");
        var stack = StackBuilder.Configure(builder);
        var database = stack.AddDatabase();
        await using var app = await builder.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("postgres").WaitAsync(TimeSpan.FromSeconds(60));
        await QueryAsync(await database.Resource.GetConnectionStringAsync(), "CREATE TABLE made AS SELECT 1");
        await app.StopAsync();
        return Path.GetDirectoryName(stack.Data.PostgresPath)!;
    }

    private static void AssertNoProcessShowsItsPassword(DataRoot data)
    {
        string[] secrets = [data.Secret("postgres-password"), data.Secret("redis-password"), data.Secret("nats-password")];
        foreach (var file in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Select(path => $"{path}/cmdline"))
        {
            var line = "";
            try
            {
                line = File.ReadAllText(file);
            }
            catch (IOException)
            {
                // The process has ended.
            }

            Assert.DoesNotContain(secrets, secret => line.Contains(secret));
        }
    }

    private static async Task<string?> QueryAsync(string? connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private static async Task<string> AskAsync(int port, string question)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(question));
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer));
    }

    private sealed class NativeServersFactAttribute : FactAttribute
    {
        public NativeServersFactAttribute()
        {
            var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").ToArray();
            if (!Directory.Exists("/usr/lib/postgresql") || !path.Any(folder => File.Exists($"{folder}/redis-server")) || !path.Any(folder => File.Exists($"{folder}/nats-server")))
                Skip = "PostgreSQL, Redis and NATS are not installed on this machine.";
        }
    }
}

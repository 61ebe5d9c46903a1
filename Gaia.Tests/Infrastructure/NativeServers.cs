using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Gaia.Tests.Infrastructure;

/// <summary>
/// PostgreSQL, Redis and NATS for the tests of one collection, from the machine's own binaries, in a temporary folder. PostgreSQL
/// writes down every statement with its parameters.
/// </summary>
public sealed class NativeServers : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"gaia-servers-{Guid.NewGuid():N}");
    private NativeServer _postgres = null!;
    private NativeServer _redis = null!;
    private NativeServer _nats = null!;

    internal NativeServer Postgres => _postgres;

    internal NativeServer Redis => _redis;

    internal NativeServer Nats => _nats;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        _postgres = await CreatePostgresAsync(Path.Combine(_folder, "postgres"));
        _redis = CreateRedis(_folder);
        _nats = CreateNats();
        await Task.WhenAll(_postgres.StartAsync(), _redis.StartAsync(), _nats.StartAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var server in new[] { _postgres, _redis, _nats })
            await server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A new, empty database, as a connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await ExecuteAsync(ConnectionString("postgres"), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>The addresses that a service is configured with.</summary>
    public Dictionary<string, string?> Settings(string database) => new()
    {
        ["ConnectionStrings:gaia"] = database,
        ["ConnectionStrings:redis"] = $"127.0.0.1:{_redis.Port}",
        ["ConnectionStrings:nats"] = $"nats://127.0.0.1:{_nats.Port}",
    };

    /// <summary>How many statements so far had this text in them or in their parameters.</summary>
    public async Task<int> CountStatementsAsync(string text)
    {
        // What was executed before the marker is in the log before it.
        var marker = $"marker {Guid.NewGuid():N}";
        await ExecuteAsync(ConnectionString("postgres"), $"SELECT '{marker}'");
        while (!_postgres.Log.Contains(marker, StringComparison.Ordinal))
            await Task.Delay(5);
        return Regex.Count(_postgres.Log, Regex.Escape(text));
    }

    /// <summary>Takes keys out of Redis, if it is there.</summary>
    internal async Task ForgetAsync(params string[] keys)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _redis.Port);
        }
        catch (SocketException)
        {
            return;
        }

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"DEL {string.Join(' ', keys)}\r\n"));
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith(":", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T?> QueryAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    private string ConnectionString(string database) => ConnectionString(_postgres.Port, database);

    // Every service of every test class has a database and so a pool of its own, and a pool outlives its service.
    private static string ConnectionString(int port, string database) =>
        $"Host=127.0.0.1;Port={port};Username=postgres;Database={database};Maximum Pool Size=20;Minimum Pool Size=0;Connection Idle Lifetime=3;Connection Pruning Interval=1";

    private static NativeServer CreateRedis(string folder) => new(
        "redis-server", ["--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder], NativeServer.ConnectAsync);

    private static NativeServer CreateNats() => new("nats-server", ["--addr", "127.0.0.1", "--port", "{port}"], NativeServer.ConnectAsync);

    private static async Task<NativeServer> CreatePostgresAsync(string data)
    {
        var binaries = Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(Directory.Exists).Order(StringComparer.Ordinal).Last();
        Directory.CreateDirectory(data);
        string[] asPostgres = [];
        if (Environment.UserName == "root")
        {
            // PostgreSQL refuses root.
            await RepositoryClone.RunAsync("chown", ["postgres", data]);
            asPostgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"];
        }

        string[] init = [.. asPostgres, Path.Combine(binaries, "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"];
        await RepositoryClone.RunAsync(init[0], init[1..]);
        string[] run =
        [
            .. asPostgres, Path.Combine(binaries, "postgres"), "-D", data, "-p", "{port}", "-h", "127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=300", "-c", "log_statement=all", "-c", "log_min_duration_statement=-1",
        ];
        // Killed it would leave its children; QUIT is its own way to end as in a crash.
        return new NativeServer(run[0], run[1..], AnswersAsync, crashSignal: "QUIT");

        static async Task AnswersAsync(int port)
        {
            await using var connection = new NpgsqlConnection(ConnectionString(port, "postgres") + ";Pooling=false;Timeout=2");
            await connection.OpenAsync();
        }
    }
}

/// <summary>Tests that share one set of servers, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServers : ICollectionFixture<NativeServers>
{
    public const string Name = "servers";
}

using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Gaia.Tests.Chat.Turns;

[Collection(SharedServers.Name)]
public sealed class GroupCommitTests(NativeServers servers) : IAsyncLifetime
{
    private readonly GroupCommit _commits = new(new EndlessPatience());
    private string _database = null!;

    public async Task InitializeAsync()
    {
        _database = await servers.CreateDatabaseAsync();
        await NativeServers.ExecuteAsync(_database, """
            CREATE TABLE notes (id integer PRIMARY KEY);
            CREATE TABLE counters (id uuid PRIMARY KEY, count integer NOT NULL);
            INSERT INTO counters SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, 0 FROM generate_series(0, 9) AS n
            """);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task What_comes_while_another_is_written_is_committed_at_once()
    {
        var first = BusyAsync();
        var others = Enumerable.Range(1, 10).Select(id => NoteAsync(id)).ToArray();

        await first;
        Assert.All(await Task.WhenAll(others), rows => Assert.Equal(1, rows));

        Assert.Equal("10 1", await QueryAsync<string>("SELECT count(*) || ' ' || count(DISTINCT xmin::text) FROM notes"));
    }

    [Fact]
    public async Task What_a_write_returns_is_there()
    {
        for (var round = 0; round < 20; round++)
        {
            var ids = Enumerable.Range(round * 10, 10).ToArray();
            await Task.WhenAll(ids.Select(async id =>
            {
                Assert.Equal(1, await NoteAsync(id));
                Assert.True(await QueryAsync<bool>($"SELECT EXISTS (SELECT 1 FROM notes WHERE id = {id})"));
            }));
        }
    }

    [Fact]
    public async Task One_that_is_refused_takes_none_of_its_group_along()
    {
        await NoteAsync(3);
        var first = BusyAsync();
        var others = Enumerable.Range(1, 5).Select(id => NoteAsync(id)).ToArray();

        await first;
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => others[2]);
        Assert.Equal(PostgresErrorCodes.UniqueViolation, refusal.SqlState);
        await Task.WhenAll(others.Where(other => other != others[2]));

        Assert.Equal("1 2 3 4 5", await QueryAsync<string>("SELECT string_agg(id::text, ' ' ORDER BY id) FROM notes"));
    }

    [Fact]
    public async Task One_whose_row_is_held_keeps_none_of_its_group_waiting()
    {
        await using var held = await HoldAsync(0);
        var first = BusyAsync();
        var (second, third) = (CountAsync(0), NoteAsync(1));

        await first;
        Assert.Equal(1, await third);
        Assert.Equal(1, await NoteAsync(2));
        Assert.False(second.IsCompleted);
        await held.DisposeAsync();
        Assert.Equal(1, await second);
    }

    [Fact]
    public async Task One_that_is_given_up_while_it_waits_is_not_written()
    {
        using var left = new CancellationTokenSource();
        var first = BusyAsync();
        var (given, kept) = (NoteAsync(1, cancellationToken: left.Token), NoteAsync(2));

        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await Task.WhenAll(first, kept);

        Assert.Equal("2", await QueryAsync<string>("SELECT string_agg(id::text, ' ') FROM notes"));
    }

    [Fact]
    public async Task Nobody_waits_long_for_a_group_that_does_not_end()
    {
        var commits = new GroupCommit(TimeProvider.System);
        var first = BusyAsync(seconds: 5, commits);

        Assert.Equal(1, await NoteAsync(1, commits));

        Assert.False(first.IsCompleted);
        await first;
    }

    [Fact]
    public async Task Large_writes_are_spread_over_groups()
    {
        var first = BusyAsync();
        var text = new string('x', 100 * 1024);
        var others = Enumerable.Range(1, 4)
            .Select(id => WriteAsync(_commits, null, $"INSERT INTO notes SELECT {id} WHERE length({text}) > 0", CancellationToken.None)).ToArray();

        await first;
        await Task.WhenAll(others);

        // The first of a group, and two more.
        Assert.Equal("4 2", await QueryAsync<string>("SELECT count(*) || ' ' || count(DISTINCT xmin::text) FROM notes"));
    }

    [Fact]
    public async Task A_lost_connection_fails_its_group_and_no_other()
    {
        var first = BusyAsync();
        var (second, third) = (BusyAsync(seconds: 30), NoteAsync(1));
        await first;
        await Eventually.TrueAsync(() => QueryAsync<bool>("""
            WITH sleepers AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')
            SELECT EXISTS (SELECT 1 FROM sleepers WHERE pg_terminate_backend(pid))
            """));

        foreach (var lost in new[] { second, third })
            Assert.True(DatabaseOutage.Is(await Assert.ThrowsAnyAsync<NpgsqlException>(() => lost)));
        await NoteAsync(2);

        Assert.Equal("2", await QueryAsync<string>("SELECT string_agg(id::text, ' ') FROM notes"));
    }

    [Fact]
    public async Task Groups_of_two_replicas_do_not_wait_for_each_other_in_a_circle()
    {
        await NativeServers.ExecuteAsync(_database, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''5ms''', current_database()); END $$");
        var (random, other) = (new Random(1), new GroupCommit(new EndlessPatience()));
        var deadlocks = await servers.CountStatementsAsync("deadlock detected");

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => CountAsync(random.Next(10), i % 2 == 0 ? _commits : other)));

        Assert.Equal(300, await QueryAsync<long>("SELECT sum(count) FROM counters"));
        Assert.Equal(deadlocks, await servers.CountStatementsAsync("deadlock detected"));
    }

    /// <summary>A write behind which others gather.</summary>
    private Task<int> BusyAsync(double seconds = 0.3, GroupCommit? commits = null) =>
        WriteAsync(commits ?? _commits, null, $"SELECT pg_sleep({seconds})", CancellationToken.None);

    private Task<int> NoteAsync(int id, GroupCommit? commits = null, CancellationToken cancellationToken = default) =>
        WriteAsync(commits ?? _commits, null, $"INSERT INTO notes VALUES ({id})", cancellationToken);

    private Task<int> CountAsync(int counter, GroupCommit? commits = null) =>
        WriteAsync(commits ?? _commits, IdOf(counter), $"UPDATE counters SET count = count + 1 WHERE id = {IdOf(counter)} RETURNING pg_sleep(0.0005)", CancellationToken.None);

    private async Task<int> WriteAsync(GroupCommit commits, Guid? conversationId, SqlStatement statement, CancellationToken cancellationToken)
    {
        await using var context = new DbContext(new DbContextOptionsBuilder().UseNpgsql(_database).Options);
        return await commits.WriteAsync(context.Database, conversationId, [statement], cancellationToken);
    }

    private static Guid IdOf(int counter) => new($"00000000-0000-0000-0000-00000000000{counter}");

    /// <summary>Locks the row of a counter until it is disposed of.</summary>
    private async Task<NpgsqlConnection> HoldAsync(int counter)
    {
        var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"BEGIN; SELECT * FROM counters WHERE id = '{IdOf(counter)}' FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private Task<T?> QueryAsync<T>(string sql) => NativeServers.QueryAsync<T>(_database, sql);
}

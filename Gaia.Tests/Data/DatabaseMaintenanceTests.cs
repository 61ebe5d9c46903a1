using Gaia.ServiceDefaults.Data;
using Gaia.Tests.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Gaia.Tests.Data;

/// <summary>When recurring work on tables runs.</summary>
public sealed class DatabaseMaintenanceTests
{
    private readonly MigrationState _migrations = new();

    [Fact]
    public async Task It_begins_when_there_are_tables_and_goes_on_after_an_outage()
    {
        using var work = new Work(_migrations);
        await work.StartAsync(CancellationToken.None);
        Assert.Equal(0, work.Runs);

        _migrations.Succeed();

        await Eventually.TrueAsync(() => Task.FromResult(work.Runs > 2));
        await work.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task It_leaves_tables_alone_that_could_not_be_made()
    {
        using var work = new Work(_migrations);
        await work.StartAsync(CancellationToken.None);

        _migrations.Fail(new InvalidOperationException("A migration is wrong."));

        await work.ExecuteTask!;
        Assert.Equal(0, work.Runs);
    }

    /// <summary>Its first time finds PostgreSQL away.</summary>
    private sealed class Work(MigrationState migrations)
        : DatabaseMaintenance(migrations, TimeProvider.System, NullLogger.Instance, every: TimeSpan.FromMilliseconds(1))
    {
        private int _runs;

        public int Runs => Volatile.Read(ref _runs);

        public override Task MaintainAsync(CancellationToken cancellationToken) =>
            Interlocked.Increment(ref _runs) == 1 ? throw new NpgsqlException("Nobody is there.") : Task.CompletedTask;
    }
}

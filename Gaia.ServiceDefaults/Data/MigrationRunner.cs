using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gaia.ServiceDefaults.Data;

/// <summary>
/// Applies a service's migrations at start, one process at a time across all services and replicas, and waits for
/// PostgreSQL as long as it takes.
/// </summary>
internal sealed partial class MigrationRunner(
    string connectionString,
    Assembly assembly,
    ServiceInfo service,
    MigrationState state,
    TimeProvider time,
    ILogger<MigrationRunner> logger) : BackgroundService
{
    /// <summary>Any constant; it only has to be the same in every service.</summary>
    private const long AdvisoryLock = 0x6761_6961;

    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var delay = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                await ApplyAsync(stoppingToken);
                state.Succeed();
                return;
            }
            catch (Exception exception) when (DatabaseOutage.Is(exception))
            {
                LogWaiting(exception.GetBaseException().Message);
                await Task.Delay(delay, time, stoppingToken);
                delay = delay * 2 > MaxDelay ? MaxDelay : delay * 2;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The service stays up to say on /ready what is wrong; it never becomes ready.
                LogFailed(exception);
                state.Fail(exception);
                return;
            }
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        // A connection outside the pool: a migration of a large database takes as long as it takes, and holds a session lock.
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0, TcpKeepAlive = true }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({AdvisoryLock})", cancellationToken);
        await ExecuteAsync(connection, """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                id serial PRIMARY KEY,
                migration_name varchar(255) NOT NULL UNIQUE,
                applied_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'),
                checksum varchar(64),
                execution_time_ms integer)
            """, cancellationToken);

        var applied = await AppliedAsync(connection, cancellationToken);
        foreach (var migration in Migration.EmbeddedIn(assembly, service.Name))
        {
            if (!applied.TryGetValue(migration.Name, out var checksum))
                await ApplyAsync(connection, migration, cancellationToken);
            else if (checksum != migration.Checksum)
                throw new InvalidOperationException($"Migration {migration.Name} was changed after it had been applied: add a new one instead.");
        }
    }

    private async Task ApplyAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        LogApplying(migration.Name);
        var started = Stopwatch.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, migration.Sql, cancellationToken);
        await using var record = new NpgsqlCommand(
            "INSERT INTO schema_migrations (migration_name, checksum, execution_time_ms) VALUES ($1, $2, $3)", connection);
        record.Parameters.Add(new() { Value = migration.Name });
        record.Parameters.Add(new() { Value = migration.Checksum });
        record.Parameters.Add(new() { Value = (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds });
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogApplied(migration.Name);
    }

    private static async Task<Dictionary<string, string?>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<string, string?>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("SELECT migration_name, checksum FROM schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied[reader.GetString(0)] = reader.IsDBNull(1) ? null : reader.GetString(1);
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Applying migration {Migration}: to a large database this may take long")]
    private partial void LogApplying(string migration);

    [LoggerMessage(LogLevel.Information, "Applied migration {Migration}")]
    private partial void LogApplied(string migration);

    [LoggerMessage(LogLevel.Warning, "Waiting for PostgreSQL to apply migrations: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Critical, "Migrations cannot be applied; the service will not become ready")]
    private partial void LogFailed(Exception exception);
}

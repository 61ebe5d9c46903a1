using Gaia.ServiceDefaults.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Gaia.Gateway.Health;

/// <summary>Asks PostgreSQL for an answer. The gateway has no tables; it only reports.</summary>
internal sealed class DatabaseProbe(IConfiguration configuration) : IHealthCheck, IAsyncDisposable
{
    internal const string Name = "database";

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(GaiaDatabaseExtensions.GetGaiaConnectionString(configuration, maxPoolSize: 2));

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = _source.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("PostgreSQL does not answer");
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}

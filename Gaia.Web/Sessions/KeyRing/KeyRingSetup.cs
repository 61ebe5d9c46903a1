using System.Security.Cryptography;
using Gaia.ServiceDefaults.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gaia.Web.Sessions.KeyRing;

/// <summary>
/// Reads the key ring before the service is ready. Once it is in memory, an outage of PostgreSQL does not take it away; without it a
/// cookie could not be told from a wrong one, and people would look signed out.
/// </summary>
internal sealed partial class KeyRingSetup(
    MigrationState migrations, IDataProtectionProvider protection, TimeProvider time, ILogger<KeyRingSetup> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private volatile string? _missing = "The key ring is still to be read";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_missing is { } missing ? HealthCheckResult.Unhealthy(missing) : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = migrations.Applied.WaitAsync(stoppingToken);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (applied.IsCompletedSuccessfully && _missing is not null)
        {
            if (!TryRead())
                await Task.Delay(RetryAfter, time, stoppingToken);
        }
    }

    private bool TryRead()
    {
        try
        {
            protection.CreateProtector(nameof(KeyRingSetup)).Protect([]);
            _missing = null;
            return true;
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception) || exception is CryptographicException)
        {
            var reason = exception.GetBaseException().Message;
            _missing = $"The key ring cannot be read: {reason}";
            LogWaiting(reason);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The key ring cannot be read: {Reason}")]
    private partial void LogWaiting(string reason);
}

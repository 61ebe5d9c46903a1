using System.Security.Cryptography;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Internal;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gaia.Auth;

/// <summary>
/// What Auth needs beside its tables before it is ready: the configured keys and the signing keys. Afterwards it looks after the
/// rotation of the latter.
/// </summary>
internal sealed partial class AuthSetup(
    MigrationState migrations, IServiceScopeFactory scopes, SigningKeys keys, TimeProvider time, ILogger<AuthSetup> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RotateEvery = TimeSpan.FromMinutes(5);

    private volatile string? _missing = "The signing keys are still to be read";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_missing is { } missing ? HealthCheckResult.Unhealthy(missing) : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var applied = migrations.Applied.WaitAsync(stoppingToken);
        await applied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!applied.IsCompletedSuccessfully)
            return;

        while (!await TryAsync(SeedAsync, stoppingToken))
            await Task.Delay(RetryAfter, time, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var done = await TryAsync(keys.RefreshAsync, stoppingToken);
            if (done && _missing is not null)
            {
                await TryAsync(TryOutAsync, stoppingToken);
                _missing = null;
            }

            await Task.Delay(done || _missing is null ? RotateEvery : RetryAfter, time, stoppingToken);
        }
    }

    private async Task SeedAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ConfiguredKeys>().SeedAsync(cancellationToken);
    }

    /// <summary>The first exchange of a process takes far longer than the others: longer than the one who asks may wait.</summary>
    private async Task TryOutAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<CredentialExchange>().ExchangeAsync(new ExchangeRequest(ApiKeyFormat.Generate()), cancellationToken);
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        try
        {
            await step(cancellationToken);
            return true;
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            LogWaiting(exception.GetBaseException().Message);
            return false;
        }
        catch (CryptographicException exception)
        {
            // Not healed by making new keys: of two replicas with different settings each would undo the other's work.
            _missing = $"The signing keys were sealed with another {AuthOptions.EncryptionKeyName}: give that one back, or empty the table auth_signing_keys";
            LogSealedOtherwise(exception, AuthOptions.EncryptionKeyName);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Waiting for PostgreSQL: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Critical, "The signing keys were sealed with another {Setting}: give that one back, or empty the table auth_signing_keys")]
    private partial void LogSealedOtherwise(Exception exception, string setting);
}

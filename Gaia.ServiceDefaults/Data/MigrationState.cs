using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gaia.ServiceDefaults.Data;

/// <summary>Whether this service's tables are as its code expects them.</summary>
public sealed class MigrationState : IHealthCheck
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once every migration is applied. Faults when one cannot be applied at all.</summary>
    public Task Applied => _done.Task;

    internal void Succeed() => _done.TrySetResult();

    internal void Fail(Exception cause) => _done.TrySetException(cause);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Applied.Status switch
        {
            TaskStatus.RanToCompletion => HealthCheckResult.Healthy(),
            TaskStatus.Faulted => HealthCheckResult.Unhealthy(Applied.Exception!.GetBaseException().Message),
            _ => HealthCheckResult.Unhealthy("Migrations are still to be applied"),
        });
}

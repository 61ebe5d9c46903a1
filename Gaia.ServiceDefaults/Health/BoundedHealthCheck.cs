using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Health;

/// <summary>
/// A check of a client package, some of which wait for as long as their server hangs. One that does not answer in time counts
/// as failed, and is not asked again before it has.
/// </summary>
internal sealed class BoundedHealthCheck(Func<IServiceProvider, IHealthCheck> create, IServiceScopeFactory scopes, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private Task<HealthCheckResult> _running = Task.FromResult(HealthCheckResult.Healthy());

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_running.IsCompleted)
            _running = Task.Run(() => RunAsync(context), CancellationToken.None);
        try
        {
            return await _running.WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "No answer in time");
        }
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckContext context)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await create(scope.ServiceProvider).CheckHealthAsync(context, CancellationToken.None);
    }
}

/// <summary>Puts every registered check behind a <see cref="BoundedHealthCheck"/>.</summary>
internal sealed class BoundHealthChecks(IServiceScopeFactory scopes, TimeProvider time) : IPostConfigureOptions<HealthCheckServiceOptions>
{
    public void PostConfigure(string? name, HealthCheckServiceOptions options)
    {
        foreach (var registration in options.Registrations)
        {
            var bounded = new BoundedHealthCheck(registration.Factory, scopes, time);
            registration.Factory = _ => bounded;
        }
    }
}

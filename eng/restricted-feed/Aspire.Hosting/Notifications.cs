using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceStates
{
    public static readonly string Starting = nameof(Starting);
    public static readonly string Running = nameof(Running);
    public static readonly string FailedToStart = nameof(FailedToStart);
    public static readonly string Stopping = nameof(Stopping);
    public static readonly string Exited = nameof(Exited);
    public static readonly string Finished = nameof(Finished);
    public static readonly string Waiting = nameof(Waiting);
    public static readonly string ValueMissing = nameof(ValueMissing);
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator ResourceStateSnapshot?(string? text) => text is null ? null : new(text, null);
}

public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText);

public sealed record CustomResourceSnapshot
{
    public ResourceStateSnapshot? State { get; init; }
    public int? ExitCode { get; init; }
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];
    public HealthStatus? HealthStatus => State?.Text != KnownResourceStates.Running ? null
        : HealthReports.IsEmpty ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
        : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
}

public record ResourceEvent(IResource Resource, string ResourceId, CustomResourceSnapshot Snapshot);

public class ResourceNotificationService(DistributedApplicationOptions options, DistributedApplicationModel model)
{
    private readonly Broadcast<ResourceEvent> _updates = new();
    private readonly Dictionary<string, ResourceEvent> _states = new(StringComparer.OrdinalIgnoreCase);
    private WaitBehavior DefaultWaitBehavior => options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable;
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_updates.Lock)
            _updates.Send(_states[resource.Name] = new(resource, resource.Name, stateFactory(_states.GetValueOrDefault(resource.Name)?.Snapshot ?? new())));
        return Task.CompletedTask;
    }
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_updates.Lock) return _states.TryGetValue(resourceId, out resourceEvent);
    }
    public IAsyncEnumerable<ResourceEvent> WatchAsync(CancellationToken cancellationToken = default) => _updates.WatchAsync(_states.Values, cancellationToken);
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var update in WatchAsync(cancellationToken).ConfigureAwait(false))
            if (string.Equals(update.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(update)) return update;
        throw new OperationCanceledException($"Resource '{resourceName}' failed to meet the predicate condition before the operation was cancelled.");
    }
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        if (DefaultWaitBehavior == WaitBehavior.StopOnResourceUnavailable && !model.Resources.Any(resource => string.Equals(resource.Name, resourceName, StringComparison.OrdinalIgnoreCase)))
            throw new DistributedApplicationException($"Stopped waiting for resource '{resourceName}' to become healthy because it does not exist in the application model.");
        var update = await WaitForResourceAsync(resourceName, update => update.Snapshot.HealthStatus == HealthStatus.Healthy
            || (DefaultWaitBehavior == WaitBehavior.StopOnResourceUnavailable && Ended(update)), cancellationToken).ConfigureAwait(false);
        return update.Snapshot.HealthStatus == HealthStatus.Healthy ? update : throw new DistributedApplicationException($"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start.");
    }
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().Where(wait => wait.Resource is not IResourceWithoutLifetime).ToArray();
        if (waits.Length == 0) return;
        await PublishUpdateAsync(resource, state => state with { State = KnownResourceStates.Waiting }).ConfigureAwait(false);
        await Task.WhenAll(waits.Select(wait => WaitFor(resource, wait, cancellationToken))).ConfigureAwait(false);
    }
    private static bool Ended(ResourceEvent update) => KnownResourceStates.TerminalStates.Contains(update.Snapshot.State?.Text ?? "");
    private async Task WaitFor(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var (name, stop) = (wait.Resource.Name, (wait.Behavior ?? DefaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable);
        var completion = wait.Type == WaitType.WaitForCompletion;
        var update = await WaitForResourceAsync(name, update => Ended(update) ? stop || completion : !completion && update.Snapshot.State?.Text == KnownResourceStates.Running, cancellationToken).ConfigureAwait(false);
        var (state, code) = (update.Snapshot.State!.Text, update.Snapshot.ExitCode);
        if (state == KnownResourceStates.FailedToStart || (Ended(update) && (!completion || code != wait.ExitCode)))
            throw new DistributedApplicationException($"Resource '{resource.Name}' stopped waiting for dependency resource '{name}' because it entered the '{state}' state with exit code '{code}'.");
        if (wait.Type == WaitType.WaitUntilHealthy)
            await WaitForResourceAsync(name, update => update.Snapshot.HealthStatus == HealthStatus.Healthy, cancellationToken).ConfigureAwait(false);
    }
}

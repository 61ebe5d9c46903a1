using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Starts what the model names, in the order in which it waits for each other, and stops it again.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model, DistributedApplicationOptions options, ResourceNotificationService notifications,
    ResourceLoggerService loggers, IConfiguration configuration, ILogger<DistributedApplication> logger) : IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<IResource, Instance> _instances = new();
    private readonly CancellationTokenSource _stopping = new();
    internal sealed class Instance(IResource resource)
    {
        public IResource Resource { get; } = resource;
        public SemaphoreSlim Gate { get; } = new(1, 1);
        public ChildProcess? Process { get; set; }
        public Task Exit { get; set; } = Task.CompletedTask;
        /// <summary>Set by a start command that finds the resource waiting: it then starts without the rest of the wait.</summary>
        public TaskCompletionSource? Force { get; set; }
    }
    public Instance? Find(IResource resource) => _instances.GetValueOrDefault(resource);
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.DisableDashboard && Dashboard.Resource(configuration) is { } dashboard) model.Resources.Insert(0, dashboard);
        else if (!options.DisableDashboard) logger.LogWarning("No dashboard: there is no Aspire CLI on the PATH or at ASPIRE_CLI_PATH.");
        foreach (var parameter in model.Resources.OfType<ParameterResource>()) await ResolveAsync(parameter).ConfigureAwait(false);
        foreach (var endpoint in model.Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>())) Allocate(endpoint);
        var starts = new List<Task>();
        foreach (var resource in model.Resources.Where(resource => resource is ProjectResource or ExecutableResource or ConnectionStringResource))
        {
            var instance = new Instance(resource);
            if (resource is not ConnectionStringResource) _instances[resource] = instance;
            var start = Task.Run(() => StartAsync(instance, _stopping.Token), CancellationToken.None);
            if (resource is not ConnectionStringResource) starts.Add(start);
        }
        // As with the real package, the application has started when nothing waits any more, or when it is to stop before that.
        await Task.WhenAll(starts).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
    public async Task StartAsync(Instance instance, CancellationToken cancellationToken)
    {
        if (instance.Force?.TrySetResult() is true) return;
        await instance.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        var resource = instance.Resource;
        try
        {
            await TerminateAsync(instance).ConfigureAwait(false);
            await PublishAsync(resource, state => state with { State = KnownResourceStates.Starting, ExitCode = null, HealthReports = HealthMonitor.NoReports(resource) }).ConfigureAwait(false);
            await WaitAsync(instance, cancellationToken).ConfigureAwait(false);
            instance.Process = resource is ConnectionStringResource ? null : await SpawnAsync(resource, cancellationToken).ConfigureAwait(false);
            await PublishAsync(resource, state => state with { State = KnownResourceStates.Running }).ConfigureAwait(false);
            if (instance.Process is { } process) instance.Exit = WatchExitAsync(instance, process);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            loggers.Log(resource.Name).Add($"Failed to create resource {resource.Name}: {exception}", isError: true);
            await PublishAsync(resource, state => state with { State = new(KnownResourceStates.FailedToStart, "error") }).ConfigureAwait(false);
        }
        finally
        {
            instance.Gate.Release();
        }
    }
    public async Task StopAsync(Instance instance, CancellationToken cancellationToken)
    {
        await instance.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (instance.Process is not null) await PublishAsync(instance.Resource, state => state with { State = KnownResourceStates.Stopping }).ConfigureAwait(false);
        await TerminateAsync(instance).ConfigureAwait(false);
        instance.Gate.Release();
    }
    /// <summary>Services first, so that what they still do for their clients finds its servers.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var group in _instances.Values.GroupBy(instance => instance.Resource is ExecutableResource).OrderBy(group => group.Key))
            await Task.WhenAll(group.Select(instance => StopAsync(instance, CancellationToken.None))).ConfigureAwait(false);
    }
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);
    private static async Task TerminateAsync(Instance instance)
    {
        if (instance.Process is { } process) await process.StopAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
        await instance.Exit.ConfigureAwait(false);
    }
    private Task PublishAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => notifications.PublishUpdateAsync(resource, change);
    private async Task WatchExitAsync(Instance instance, ChildProcess process)
    {
        var exitCode = await process.Exited.ConfigureAwait(false);
        instance.Process = null;
        await PublishAsync(instance.Resource, state => state with { State = KnownResourceStates.Finished, ExitCode = exitCode }).ConfigureAwait(false);
    }
    private async Task WaitAsync(Instance instance, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        instance.Force = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var wait = notifications.WaitForDependenciesAsync(instance.Resource, waiting.Token);
        var first = await Task.WhenAny(wait, instance.Force.Task).ConfigureAwait(false);
        instance.Force = null;
        await waiting.CancelAsync().ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }
    private async Task ResolveAsync(ParameterResource parameter)
    {
        parameter.Resolved = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ResourceStateSnapshot state = KnownResourceStates.Running!;
        try
        {
            parameter.Resolved.SetResult(parameter.Value);
        }
        catch (MissingParameterValueException exception)
        {
            state = new(KnownResourceStates.ValueMissing, "warning");
            loggers.Log(parameter.Name).Add(exception.Message, isError: true);
            // With a dashboard the real package asks there and goes on waiting.
            if (options.DisableDashboard) parameter.Resolved.SetException(exception);
        }
        await PublishAsync(parameter, snapshot => snapshot with { State = state }).ConfigureAwait(false);
    }
    private void Allocate(EndpointAnnotation endpoint)
    {
        if (endpoint.Port is null or 0 || (endpoint.IsProxied && configuration.GetValue<bool>("DcpPublisher:RandomizePorts")))
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            endpoint.Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        endpoint.Allocated.TrySetResult(endpoint.Port.Value);
    }
    private async Task<ChildProcess> SpawnAsync(IResource resource, CancellationToken cancellationToken)
    {
        var (given, environment) = (new Dictionary<string, object>(), new Dictionary<string, string>());
        foreach (var annotation in resource.Annotations.OfType<EnvironmentAnnotation>()) await annotation.Callback(given).ConfigureAwait(false);
        foreach (var (name, value) in given)
            environment[name] = (value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken).ConfigureAwait(false) : value.ToString()) ?? "";
        var (command, folder) = resource is ExecutableResource executable ? (executable.Command, executable.WorkingDirectory) : Program(resource);
        return ChildProcess.Start(command, resource.Annotations.OfType<ArgsAnnotation>().SelectMany(annotation => annotation.Args), folder, environment, loggers.Log(resource.Name));
    }
    /// <summary>What `dotnet run --no-build` would start, without the process in between.</summary>
    private (string Command, string Folder) Program(IResource project)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));
        var build = options.Assembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        return (Path.Combine(folder, "bin", build, $"net{Environment.Version.Major}.0", name + (OperatingSystem.IsWindows() ? ".exe" : "")), folder);
    }
}

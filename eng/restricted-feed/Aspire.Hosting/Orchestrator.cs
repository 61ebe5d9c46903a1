using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Starts what the model names, in the order in which it waits for each other, and stops it again.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model, DistributedApplicationOptions options, DistributedApplicationExecutionContext execution,
    ResourceNotificationService notifications, ResourceLoggerService loggers, IConfiguration configuration, ILoggerFactory logging,
    IOptions<HealthCheckServiceOptions> checks) : IHostedService, IAsyncDisposable
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
        foreach (var (resource, check) in model.Resources.SelectMany(resource => resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => (resource, check))))
        {
            if (!checks.Value.Registrations.Any(registration => registration.Name == check.Key))
                throw new OptionsValidationException("", typeof(HealthCheckServiceOptions), [$"The health check '{check.Key}' is not registered and is required for resource '{resource.Name}'."]);
        }

        if (!options.DisableDashboard && Dashboard.Resource(configuration) is { } dashboard) model.Resources.Insert(0, dashboard);
        else if (!options.DisableDashboard) logging.CreateLogger<DistributedApplication>().LogWarning("No dashboard: there is no Aspire CLI on the PATH or at ASPIRE_CLI_PATH.");

        foreach (var parameter in model.Resources.OfType<ParameterResource>()) await ResolveAsync(parameter).ConfigureAwait(false);
        foreach (var resource in model.Resources) Allocate(resource);
        foreach (var resource in model.Resources.Where(resource => resource is ProjectResource or ExecutableResource))
        {
            var instance = _instances[resource] = new(resource);
            _ = Task.Run(() => StartAsync(instance, _stopping.Token), CancellationToken.None);
        }

        foreach (var resource in model.Resources.OfType<ConnectionStringResource>())
            _ = Task.Run(() => StartAsync(resource), CancellationToken.None);
    }

    public async Task StartAsync(Instance instance, CancellationToken cancellationToken)
    {
        if (instance.Force is { } force)
        {
            force.TrySetResult();
            return;
        }

        await instance.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        var resource = instance.Resource;
        try
        {
            await TerminateAsync(instance).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(resource, state => state with
            {
                State = KnownResourceStates.Starting, ExitCode = null,
                HealthReports = [.. HealthMonitor.Checks(resource).Select(key => new HealthReportSnapshot(key, null, null, null))],
            }).ConfigureAwait(false);
            await WaitAsync(instance, cancellationToken).ConfigureAwait(false);
            instance.Process = await SpawnAsync(resource, cancellationToken).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(resource, state => state with
            {
                State = KnownResourceStates.Running, StartTimeStamp = Now(), StopTimeStamp = null,
            }).ConfigureAwait(false);
            instance.Exit = WatchExitAsync(instance, instance.Process);
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            loggers.GetLogger(resource).LogError(exception, "Failed to create resource {ResourceName}", resource.Name);
            await notifications.PublishUpdateAsync(resource, state => state with { State = new(KnownResourceStates.FailedToStart, "error") }).ConfigureAwait(false);
        }
        finally
        {
            instance.Force = null;
            instance.Gate.Release();
        }
    }

    public async Task StopAsync(Instance instance, CancellationToken cancellationToken)
    {
        await instance.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (instance.Process is not null)
                await notifications.PublishUpdateAsync(instance.Resource, state => state with { State = KnownResourceStates.Stopping }).ConfigureAwait(false);
            await TerminateAsync(instance).ConfigureAwait(false);
        }
        finally
        {
            instance.Gate.Release();
        }
    }

    /// <summary>Services first, so that what they still do for their clients finds its servers.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var group in _instances.Values.GroupBy(instance => instance.Resource is ExecutableResource).OrderBy(group => group.Key))
            await Task.WhenAll(group.Select(instance => StopAsync(instance, CancellationToken.None))).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static DateTime Now() => TimeProvider.System.GetUtcNow().UtcDateTime;

    private static async Task TerminateAsync(Instance instance)
    {
        if (instance.Process is { } process) await process.StopAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
        await instance.Exit.ConfigureAwait(false);
    }

    private async Task WatchExitAsync(Instance instance, ChildProcess process)
    {
        var exitCode = await process.Exited.ConfigureAwait(false);
        instance.Process = null;
        await notifications.PublishUpdateAsync(instance.Resource, state => state with
        {
            State = KnownResourceStates.Finished, ExitCode = exitCode, StopTimeStamp = Now(),
        }).ConfigureAwait(false);
    }

    private async Task WaitAsync(Instance instance, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        instance.Force = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var first = await Task.WhenAny(notifications.WaitForDependenciesAsync(instance.Resource, waiting.Token), instance.Force.Task).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        finally
        {
            instance.Force = null;
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task StartAsync(ConnectionStringResource resource)
    {
        try
        {
            await notifications.WaitForDependenciesAsync(resource, _stopping.Token).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(resource, state => state with
            {
                State = KnownResourceStates.Running,
                HealthReports = [.. HealthMonitor.Checks(resource).Select(key => new HealthReportSnapshot(key, null, null, null))],
            }).ConfigureAwait(false);
        }
        catch (DistributedApplicationException exception)
        {
            loggers.GetLogger(resource).LogError(exception, "Failed to resolve connection string for resource '{ResourceName}'", resource.Name);
            await notifications.PublishUpdateAsync(resource, state => state with { State = KnownResourceStates.FailedToStart }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The application stops before the connection string was needed.
        }
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
            loggers.GetLogger(parameter).LogError(exception, "Failed to initialize parameter resource {ResourceName}.", parameter.Name);
            // With a dashboard the real package asks there and goes on waiting.
            if (options.DisableDashboard) parameter.Resolved.SetException(exception);
        }

        await notifications.PublishUpdateAsync(parameter, snapshot => snapshot with { State = state }).ConfigureAwait(false);
    }

    private void Allocate(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var random = endpoint.IsProxied && configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
            if (!random && endpoint.Port is > 0)
            {
                endpoint.Allocated.TrySetResult(endpoint.Port.Value);
                continue;
            }

            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            endpoint.Port = endpoint.TargetPort = ((IPEndPoint)probe.LocalEndpoint).Port;
            endpoint.Allocated.TrySetResult(endpoint.Port.Value);
        }
    }

    private async Task<ChildProcess> SpawnAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken) { Logger = loggers.GetLogger(resource) };
        foreach (var callback in resource.Annotations.OfType<EnvironmentAnnotation>().ToArray()) await callback.Callback(context).ConfigureAwait(false);
        var environment = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(value, cancellationToken).ConfigureAwait(false) is { } text) environment[name] = text;
        }

        var arguments = new List<string>();
        foreach (var argument in resource.Annotations.OfType<ArgsAnnotation>().SelectMany(annotation => annotation.Args))
            arguments.Add(await ResolveAsync(argument, cancellationToken).ConfigureAwait(false) ?? "");

        var (command, folder) = resource is ExecutableResource executable ? (executable.Command, executable.WorkingDirectory) : Program(resource);
        return ChildProcess.Start(command, arguments, folder, environment, loggers.Log(resource.Name));
    }

    private static async ValueTask<string?> ResolveAsync(object value, CancellationToken cancellationToken)
        => value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken).ConfigureAwait(false) : value.ToString();

    /// <summary>What `dotnet run --no-build` would start, without the process in between.</summary>
    private (string Command, string Folder) Program(IResource project)
    {
        var path = project.Annotations.OfType<IProjectMetadata>().Single().ProjectPath;
        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path));
        var build = options.Assembly?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var program = Path.Combine(folder, "bin", build, $"net{Environment.Version.Major}.0", name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(program) ? (program, folder) : throw new DistributedApplicationException($"'{program}' does not exist: build the project first.");
    }
}

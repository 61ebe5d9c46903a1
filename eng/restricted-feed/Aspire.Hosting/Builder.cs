namespace Aspire.Hosting;

public class DistributedApplicationException(string message, Exception? inner = null) : Exception(message, inner);
public class MissingParameterValueException(string message) : DistributedApplicationException(message);

public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }
}

public class DistributedApplicationExecutionContext
{
    internal DistributedApplicationExecutionContext(bool publish) => IsPublishMode = publish;
    public bool IsPublishMode { get; }
    public bool IsRunMode => !IsPublishMode;
}

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }
    public string? AssemblyName { get; set; }
    public bool DisableDashboard { get; set; }
    internal Assembly? Assembly => string.IsNullOrEmpty(AssemblyName) ? Assembly.GetEntryAssembly() : Assembly.Load(AssemblyName);
}

public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }
    string AppHostDirectory { get; }
    IHostEnvironment Environment { get; }
    IServiceCollection Services { get; }
    DistributedApplicationExecutionContext ExecutionContext { get; }
    IResourceCollection Resources { get; }
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;
    DistributedApplication Build();
}

/// <summary>What Aspire.Hosting.Testing needs to see of an AppHost whose entry point it runs.</summary>
internal sealed record TestingHook(
    Action<DistributedApplicationOptions, HostApplicationBuilderSettings> Constructing, Action<IDistributedApplicationBuilder> Building, Action<DistributedApplication> Built)
{
    public static AsyncLocal<TestingHook?> Current { get; } = new();
}

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _inner;
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        var settings = new HostApplicationBuilderSettings { Args = options.Args, Configuration = new() };
        settings.Configuration.AddEnvironmentVariables("ASPIRE_");
        // Containers need the real package, so whoever looks for a runtime shall find none.
        settings.Configuration["ASPIRE_CONTAINER_RUNTIME"] = "none";
        TestingHook.Current.Value?.Constructing(options, settings);
        _inner = new(settings);
        Configuration.AddCommandLine(options.Args ?? [], new Dictionary<string, string>
        {
            ["--operation"] = "AppHost:Operation",
            ["--publisher"] = "Publishing:Publisher",
            ["--step"] = "Pipeline:Step",
            ["--output-path"] = "Pipeline:OutputPath",
        });
        AppHostDirectory = Metadata(options.Assembly, "apphostprojectpath") ?? Environment.ContentRootPath;
        ExecutionContext = new(IsPublish());
        Services.AddSingleton(TimeProvider.System).AddSingleton(options).AddSingleton(ExecutionContext).AddSingleton(new DistributedApplicationModel(Resources))
            .AddSingleton<ResourceNotificationService>().AddSingleton<ResourceLoggerService>().AddSingleton<ResourceCommandService>().AddSingleton<Orchestrator>()
            .AddHttpClient().AddHealthChecks();
        _inner.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        if (!options.DisableDashboard) _inner.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
        if (ExecutionContext.IsPublishMode) return;
        Services.AddHostedService<HealthMonitor>().AddHostedService(services => services.GetRequiredService<Orchestrator>());
        if (!options.DisableDashboard) Dashboard.Configure(Configuration);
    }
    public ConfigurationManager Configuration => _inner.Configuration;
    public string AppHostDirectory { get; }
    public IHostEnvironment Environment => _inner.Environment;
    public IServiceCollection Services => _inner.Services;
    public DistributedApplicationExecutionContext ExecutionContext { get; }
    public IResourceCollection Resources { get; } = new ResourceCollection();
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (Resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
            throw new DistributedApplicationException($"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because a resource with that name already exists.");
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }
    public DistributedApplication Build()
    {
        var hook = TestingHook.Current.Value;
        hook?.Building(this);
        var application = new DistributedApplication(_inner.Build());
        hook?.Built(application);
        return application;
    }
    public static string? Metadata(Assembly? assembly, string key)
        => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == key)?.Value;
    private bool IsPublish() => (Configuration["AppHost:Operation"]?.ToLowerInvariant(), Configuration["Publishing:Publisher"]) switch
    {
        (_, "manifest") => throw new NotSupportedException("A manifest is written by the real package Aspire.Hosting only."),
        ("run", _) or (null, null) => false,
        ("publish", _) or (null, _) => true,
        _ => throw new DistributedApplicationException("Invalid operation specified. Valid operations are 'publish' or 'run'."),
    };
}

public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    internal DistributedApplication(IHost host) => _host = host;
    public IServiceProvider Services => _host.Services;
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => CreateBuilder(new DistributedApplicationOptions { Args = args });
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);
    public virtual Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken).ConfigureAwait(false);
        // Without a compute environment publishing has nothing to write.
        if (Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode) await StopAsync(cancellationToken).ConfigureAwait(false);
        else await _host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
    }
    public void Run() => RunAsync().Wait();
    public virtual void Dispose() => DisposeAsync().AsTask().Wait();
    public virtual ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();
}

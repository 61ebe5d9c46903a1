using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public class DistributedApplicationException(string message, Exception? inner = null) : Exception(message, inner);

public class MissingParameterValueException(string message) : DistributedApplicationException(message);

public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }

    bool SuppressBuild => false;
}

public enum DistributedApplicationOperation { Run, Publish }

public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public DistributedApplicationOperation Operation { get; } = operation;

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
}

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    public string? AssemblyName { get; set; }

    public bool DisableDashboard { get; set; }

    public bool EnableResourceLogging { get; set; }

    public bool AllowUnsecuredTransport { get; set; }

    internal Assembly? Assembly => string.IsNullOrEmpty(AssemblyName) ? Assembly.GetEntryAssembly() : Assembly.Load(AssemblyName);
}

public interface IDistributedApplicationBuilder
{
    ConfigurationManager Configuration { get; }

    string AppHostDirectory { get; }

    Assembly? AppHostAssembly { get; }

    IHostEnvironment Environment { get; }

    IServiceCollection Services { get; }

    DistributedApplicationExecutionContext ExecutionContext { get; }

    IResourceCollection Resources { get; }

    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    DistributedApplication Build();
}

public class DistributedApplicationBuilder : IDistributedApplicationBuilder
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
            ["--operation"] = "AppHost:Operation", ["--publisher"] = "Publishing:Publisher",
            ["--step"] = "Pipeline:Step", ["--output-path"] = "Pipeline:OutputPath",
        });
        AppHostAssembly = options.Assembly;
        AppHostDirectory = Metadata(AppHostAssembly, "apphostprojectpath") ?? Environment.ContentRootPath;
        ExecutionContext = new(Operation());

        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(options);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton<ResourceCommandService>();
        Services.AddSingleton<Orchestrator>();
        Services.AddHealthChecks();
        Services.AddHttpClient();
        _inner.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _inner.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        if (!options.DisableDashboard)
            _inner.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
        // The publisher would run every check every thirty seconds, of stopped resources too.
        Services.Configure<HealthCheckPublisherOptions>(publisher => publisher.Predicate = _ => false);

        if (ExecutionContext.IsPublishMode) return;

        if (options.EnableResourceLogging) Services.AddHostedService<ResourceLogForwarder>();
        Services.AddHostedService<HealthMonitor>();
        Services.AddHostedService(services => services.GetRequiredService<Orchestrator>());
        if (!options.DisableDashboard) Dashboard.Configure(Configuration);
    }

    public ConfigurationManager Configuration => _inner.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _inner.Environment;

    public IServiceCollection Services => _inner.Services;

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (Resources.Any(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type '{resource.GetType()}' with that name already exists. Resource names are case-insensitive.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        var hook = TestingHook.Current.Value;
        hook?.Building(this);
        var application = new DistributedApplication(_inner.Build());
        hook?.Built(application);
        return application;
    }

    internal static string? Metadata(Assembly? assembly, string key) => assembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => string.Equals(attribute.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;

    private DistributedApplicationOperation Operation()
    {
        if (Configuration["Publishing:Publisher"] is "manifest")
            throw new NotSupportedException("A manifest is written by the real Aspire.Hosting package only.");

        return Configuration["AppHost:Operation"]?.ToLowerInvariant() switch
        {
            null => Configuration["Publishing:Publisher"] is null ? DistributedApplicationOperation.Run : DistributedApplicationOperation.Publish,
            "run" => DistributedApplicationOperation.Run,
            "publish" => DistributedApplicationOperation.Publish,
            _ => throw new DistributedApplicationException("Invalid operation specified. Valid operations are 'publish' or 'run'."),
        };
    }
}

/// <summary>What Aspire.Hosting.Testing needs to see of an AppHost whose entry point it runs.</summary>
internal sealed record TestingHook(
    Action<DistributedApplicationOptions, HostApplicationBuilderSettings> Constructing,
    Action<DistributedApplicationBuilder> Building,
    Action<DistributedApplication> Built)
{
    public static AsyncLocal<TestingHook?> Current { get; } = new();
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
        if (Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
            await StopAsync(cancellationToken).ConfigureAwait(false);
        else
            await _host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Run() => RunAsync().Wait();

    public virtual void Dispose() => DisposeAsync().AsTask().Wait();

    public virtual ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();
}

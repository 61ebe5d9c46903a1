namespace Aspire.Hosting.Testing;

public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    new IServiceCollection Services => ((IDistributedApplicationBuilder)this).Services;
    new IResourceCollection Resources => ((IDistributedApplicationBuilder)this).Resources;
    new IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => ((IDistributedApplicationBuilder)this).CreateResourceBuilder(resource);
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}

public static class DistributedApplicationTestingBuilder
{
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default) where TEntryPoint : class
        => CreateAsync<TEntryPoint>([], cancellationToken);
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default) where TEntryPoint : class
        => EntryPointBuilder.CreateAsync(typeof(TEntryPoint).Assembly, args, cancellationToken);
}

public static class DistributedApplicationHostingTestingExtensions
{
    public static HttpClient CreateHttpClient(this DistributedApplication app, string resourceName, string? endpointName = default)
    {
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = app.GetEndpoint(resourceName, endpointName);
        return client;
    }
    public static ValueTask<string?> GetConnectionStringAsync(this DistributedApplication app, string resourceName, CancellationToken cancellationToken = default)
        => app.Find(resourceName) is IResourceWithConnectionString resource
            ? resource.GetConnectionStringAsync(cancellationToken)
            : throw new ArgumentException($"Resource '{resourceName}' does not expose a connection string.", nameof(resourceName));
    public static Uri GetEndpoint(this DistributedApplication app, string resourceName, string? endpointName = default)
        => app.Find(resourceName) is IResourceWithEndpoints resource && new EndpointReference(resource, endpointName ?? "http") is { IsAllocated: true } endpoint
            ? new(endpoint.Url)
            : throw new ArgumentException($"Endpoint '{endpointName}' for resource '{resourceName}' not found.", nameof(endpointName));
    private static IResource Find(this DistributedApplication app, string name)
        => !app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested
            ? throw new InvalidOperationException("The application has not started.")
            : app.Services.GetRequiredService<DistributedApplicationModel>().Resources.FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentException($"Resource '{name}' not found.", nameof(name));
}

/// <summary>Runs an AppHost's entry point on a thread of its own, and holds it where it wants to build until the test says so.</summary>
internal sealed class EntryPointBuilder(IDistributedApplicationBuilder inner, TaskCompletionSource<bool> build, Task<DistributedApplication> built, Task exited) : IDistributedApplicationTestingBuilder
{
    public ConfigurationManager Configuration => inner.Configuration;
    public string AppHostDirectory => inner.AppHostDirectory;
    public IHostEnvironment Environment => inner.Environment;
    public IServiceCollection Services => inner.Services;
    public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;
    public IResourceCollection Resources => inner.Resources;
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => inner.AddResource(resource);
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => inner.CreateResourceBuilder(resource);
    public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();
    public void Dispose() => build.TrySetResult(false);
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(Assembly appHost, string[] args, CancellationToken cancellationToken)
    {
        var (created, built) = (new TaskCompletionSource<IDistributedApplicationBuilder>(), new TaskCompletionSource<DistributedApplication>());
        var (exited, build) = (new TaskCompletionSource(), new TaskCompletionSource<bool>());
        new Thread(() =>
        {
            TestingHook.Current.Value = new((options, settings) => Configure(appHost, options, settings), builder =>
            {
                created.TrySetResult(builder);
                if (!build.Task.Result) throw new OperationCanceledException("The builder was disposed before it built.");
            }, application => built.TrySetResult(application));
            Exception error = new InvalidOperationException($"The entry point exited without building a {nameof(DistributedApplication)}.");
            try { appHost.EntryPoint!.Invoke(null, [args]); }
            catch (TargetInvocationException exception) { error = exception.InnerException ?? exception; }
            created.TrySetException(error);
            built.TrySetException(error);
            exited.TrySetResult();
        })
        { IsBackground = true }.Start();
        return new EntryPointBuilder(await created.Task.WaitAsync(cancellationToken).ConfigureAwait(false), build, built.Task, exited.Task);
    }
    public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default)
    {
        build.TrySetResult(true);
        return new TestedApplication(await built.WaitAsync(cancellationToken).ConfigureAwait(false), exited);
    }
    public async ValueTask DisposeAsync() => await Task.Run(Dispose).ConfigureAwait(false);

    private static void Configure(Assembly appHost, DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        (options.AssemblyName, options.DisableDashboard) = (appHost.GetName().Name, true);
        settings.ContentRootPath = DistributedApplicationBuilder.Metadata(appHost, "apphostprojectpath");
        var given = new ConfigurationManager();
        given.AddCommandLine(options.Args ?? []);
        var defaults = new Dictionary<string, string?>
        {
            ["DcpPublisher:RandomizePorts"] = "true",
            ["ASPNETCORE_URLS"] = "http://localhost:8080",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        };
        settings.Configuration!.AddInMemoryCollection(defaults.Where(pair => given[pair.Key] is null));
    }
    /// <summary>The entry point starts and stops the application; a test waits for it to have done so.</summary>
    private sealed class TestedApplication(DistributedApplication inner, Task exited) : DistributedApplication(inner)
    {
        private IHostApplicationLifetime Lifetime => Services.GetRequiredService<IHostApplicationLifetime>();
        public override async Task StartAsync(CancellationToken cancellationToken = default)
        {
            var started = new TaskCompletionSource();
            using var registration = Lifetime.ApplicationStarted.Register(() => started.TrySetResult());
            await (await Task.WhenAny(started.Task, exited).WaitAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        public override async Task StopAsync(CancellationToken cancellationToken = default)
        {
            Lifetime.StopApplication();
            await exited.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        public override async ValueTask DisposeAsync()
        {
            if (exited.IsCompleted) return;
            await StopAsync().ConfigureAwait(false);
            await inner.DisposeAsync().ConfigureAwait(false);
        }
    }
}

using Microsoft.Extensions.Configuration;

namespace Gaia.AppHost;

/// <summary>Where and how the stack runs: its ports, data, settings and servers, decided before a resource is added.</summary>
public sealed class StackBuilder
{
    private readonly IDistributedApplicationBuilder _builder;
    private readonly Settings _settings;
    private readonly Backing _backing;

    private StackBuilder(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        Mode = ModeOf(builder);
        Ports = Ports.Of(builder.Configuration, Mode);
        Data = DataRoot.Of(builder, Mode);
        _settings = Settings.Read(builder, Mode);
        _backing = Backing.Choose(builder, this);
        Problem = (Mode == RunMode.Local ? Data.Holder() : null) ?? Ports.Problem() ?? _backing.Problem;
    }

    /// <summary>When the AppHost began, for telling how long things take.</summary>
    public long StartedAt { get; } = TimeProvider.System.GetTimestamp();

    public RunMode Mode { get; }

    public Ports Ports { get; }

    public DataRoot Data { get; }

    public bool IsDevelopment => _settings.EnvironmentName == "Development";

    /// <summary>Whether the user gave this setting.</summary>
    public bool IsGiven(string setting) => _settings.Value(setting) is not null;

    /// <summary>Why the stack cannot run here, in one line, or null.</summary>
    public string? Problem { get; }

    public static StackBuilder Configure(IDistributedApplicationBuilder builder)
    {
        var stack = new StackBuilder(builder);
        if (stack.Problem is null && stack.Mode == RunMode.Local)
        {
            stack.Data.Claim();
            stack.Ports.GiveToDashboard(builder.Configuration, stack.Data);
        }

        return stack;
    }

    public IResourceBuilder<IResourceWithConnectionString> AddDatabase() => _backing.AddDatabase();

    public IResourceBuilder<IResourceWithConnectionString> AddRedis() => _backing.AddRedis();

    public IResourceBuilder<IResourceWithConnectionString> AddNats() => _backing.AddNats();

    /// <summary>A secret that is made once and kept, unless `Parameters:name` gives it.</summary>
    public IResourceBuilder<ParameterResource> AddSecret(string name)
        => _builder.AddParameter(name, () => _builder.Configuration[$"Parameters:{name}"] ?? Data.Secret(name), secret: true);

    public IResourceBuilder<ProjectResource> AddService<TProject>(string name) where TProject : IProjectMetadata, new()
    {
        var service = _builder.AddProject<TProject>(name);
        // Published, a service listens where its platform says; here it listens on its own port, so that nothing stands in between.
        service = Mode == RunMode.Publish ? service.WithHttpEndpoint() : service.WithHttpEndpoint(port: Ports[name], isProxied: false);
        if (_settings.EnvironmentName is { } environment)
            service.WithEnvironment("ASPNETCORE_ENVIRONMENT", environment).WithEnvironment("DOTNET_ENVIRONMENT", environment);
        // Aspire asks for whole URLs in the traces while developing; a query string may hold what nobody should read there.
        service.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "false")
            .WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "false");
        return _settings.PassTo(service).WithHttpHealthCheck("/ready");
    }

    private static RunMode ModeOf(IDistributedApplicationBuilder builder)
        => builder.ExecutionContext.IsPublishMode ? RunMode.Publish
            // Aspire.Hosting.Testing sets it, so that tests do not meet each other or a running stack on a port.
            : builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts") ? RunMode.Test
            : RunMode.Local;
}

public static class Wiring
{
    /// <summary>Gives a service its servers, and lets it wait for them when the stack starts.</summary>
    public static IResourceBuilder<ProjectResource> Needs(
        this IResourceBuilder<ProjectResource> service, params IResourceBuilder<IResourceWithConnectionString>[] servers)
    {
        foreach (var server in servers) service.WithReference(server).WaitFor(server, WaitBehavior.WaitOnResourceUnavailable);
        return service;
    }

    /// <summary>Tells a service where others are. It does not wait for them: each answers for itself when another is away.</summary>
    public static IResourceBuilder<ProjectResource> Calls(
        this IResourceBuilder<ProjectResource> service, params IResourceBuilder<ProjectResource>[] others)
    {
        foreach (var other in others) service.WithReference(other);
        return service;
    }

    /// <summary>Gives a service the secret that it proves itself with to Auth, and Auth the same.</summary>
    public static IResourceBuilder<ProjectResource> IdentifiesTo(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource> auth, StackBuilder stack)
    {
        var name = service.Resource.Name;
        var key = stack.AddSecret($"{name}-service-key");
        auth.WithEnvironment($"Auth__ServiceKeys__{name}", key);
        return service.WithEnvironment("Gaia__ServiceKey", key);
    }

    /// <summary>Lets pages from the gateway and the web service call the gateway, on the ports that they have here; ALLOWED_ORIGINS says otherwise.</summary>
    public static IResourceBuilder<ProjectResource> WithOwnOrigins(this IResourceBuilder<ProjectResource> service, StackBuilder stack)
    {
        if (stack.Mode == RunMode.Publish || stack.IsGiven("ALLOWED_ORIGINS")) return service;

        // A string of its own: as an argument, the text would be taken for an expression of resources.
        var origins = $"http://localhost:{stack.Ports["gateway"]},http://localhost:{stack.Ports["web"]}";
        return service.WithEnvironment("Cors__AllowedOrigins", origins);
    }

    /// <summary>
    /// Lets the gateway believe whom the web service speaks for, so that not all people behind it count as one address. Here it
    /// is on this machine; where it is published, only the operator knows its network (`Edge:TrustedProxies`).
    /// </summary>
    public static IResourceBuilder<ProjectResource> TrustingLoopback(this IResourceBuilder<ProjectResource> service, StackBuilder stack)
        => stack.Mode == RunMode.Publish ? service : service.WithEnvironment("Edge__TrustedProxies", "127.0.0.0/8, ::1");

    /// <summary>Gives the web front page the dashboard's address, without its login token.</summary>
    public static IResourceBuilder<ProjectResource> WithDashboardLink(this IResourceBuilder<ProjectResource> service, StackBuilder stack)
        => stack.Mode == RunMode.Local && Ports.DashboardUrl(service.ApplicationBuilder.Configuration) is { } url
            ? service.WithEnvironment("DASHBOARD_URL", url)
            : service;
}

/// <summary>Publishing the model, running it for a developer, or running it for a test.</summary>
public enum RunMode
{
    Publish,
    Local,
    Test,
}

using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gaia.AppHost;

/// <summary>
/// Runs PostgreSQL, Redis and NATS as containers, or as processes of this machine's own binaries (`Gaia:Backing` = containers | native;
/// unset: containers when a runtime answers). Published, they are always containers.
/// </summary>
internal sealed class Backing
{
    private const string Containers = "containers", Native = "native";

    private readonly IDistributedApplicationBuilder _builder;
    private readonly StackBuilder _stack;
    private readonly bool _native;

    private Backing(IDistributedApplicationBuilder builder, StackBuilder stack, bool native, string? problem)
        => (_builder, _stack, _native, Problem) = (builder, stack, native, problem);

    public string? Problem { get; }

    public static Backing Choose(IDistributedApplicationBuilder builder, StackBuilder stack)
    {
        if (stack.Mode == RunMode.Publish) return new(builder, stack, native: false, null);
        var choice = builder.Configuration["Gaia:Backing"];
        var native = choice switch
        {
            null or "" => !ContainerRuntimeAnswers(builder),
            Containers => false,
            Native => true,
            _ => false,
        };
        return new(builder, stack, native, choice is null or "" or Containers or Native
            ? native ? NativeServer.Missing() : null
            : $"Gaia:Backing is '{choice}', but only '{Containers}' and '{Native}' exist.");
    }

    public IResourceBuilder<IResourceWithConnectionString> AddDatabase()
    {
        var password = _stack.AddSecret("postgres-password");
        if (!_native)
        {
            var server = _builder.AddPostgres("postgres", password: password, port: _stack.Ports.ForContainer("postgres"));
            return (_stack.Mode == RunMode.Test ? server : server.WithDataVolume()).AddDatabase("gaia");
        }

        var postgres = AddServer("postgres", "tcp", _stack.Data.PostgresPath, password, (address, secret) => ReferenceExpression.Create(
                $"Host={address.Property(EndpointProperty.IPV4Host)};Port={address.Property(EndpointProperty.Port)};Username=postgres;Password={secret}"),
            ServerChecks.Postgres);
        return _builder.AddConnectionString("gaia", ReferenceExpression.Create($"{postgres};Database=gaia"))
            .WaitFor(postgres, WaitBehavior.WaitOnResourceUnavailable)
            .WithHealthCheck("postgres-answers");
    }

    public IResourceBuilder<IResourceWithConnectionString> AddRedis()
    {
        var password = _stack.AddSecret("redis-password");
        if (!_native)
        {
            var server = _builder.AddRedis("redis", _stack.Ports.ForContainer("redis"), password);
            return _stack.Mode == RunMode.Test ? server : server.WithDataVolume();
        }

        return AddServer("redis", "redis", Path.Combine(_stack.Data.Path, "redis"), password, (address, secret) => ReferenceExpression.Create(
            $"{address.Property(EndpointProperty.IPV4Host)}:{address.Property(EndpointProperty.Port)},password={secret}"), ServerChecks.Redis);
    }

    public IResourceBuilder<IResourceWithConnectionString> AddNats()
    {
        var password = _stack.AddSecret("nats-password");
        if (!_native)
        {
            var server = _builder.AddNats("nats", _stack.Ports.ForContainer("nats"), password: password).WithJetStream()
                .WithArgs("-m", "8222")
                .WithHttpEndpoint(port: _stack.Ports.ForContainer("nats-monitoring"), targetPort: 8222, name: "monitoring");
            return _stack.Mode == RunMode.Test ? server : server.WithDataVolume();
        }

        return AddServer("nats", "nats", Path.Combine(_stack.Data.Path, "nats"), password, (address, secret) => ReferenceExpression.Create(
                $"nats://nats:{secret}@{address.Property(EndpointProperty.IPV4Host)}:{address.Property(EndpointProperty.Port)}"), ServerChecks.Nats)
            .WithHttpEndpoint(port: _stack.Ports["nats-monitoring"], name: "monitoring", env: "MONITORING_PORT", isProxied: false);
    }

    private static bool ContainerRuntimeAnswers(IDistributedApplicationBuilder builder)
        => builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] is { Length: > 0 } runtime ? Answers(runtime) : Answers("docker") || Answers("podman");

    private static bool Answers(string runtime)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(runtime, ["ps", "--quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            // A runtime that is starting up hangs rather than fails.
            if (process.WaitForExit(TimeSpan.FromSeconds(5))) return process.ExitCode == 0;
            process.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private IResourceBuilder<NativeServer> AddServer(
        string name, string scheme, string folder, IResourceBuilder<ParameterResource> password,
        Func<EndpointReference, ParameterResource, ReferenceExpression> connectionString, Func<int, string, CancellationToken, Task<bool>> answers)
    {
        var port = _stack.Ports[name];
        var server = new NativeServer(name, Path.Combine(_builder.AppHostDirectory, "Native"), address => connectionString(address, password.Resource));
        var check = $"{name}-answers";
        _builder.Services.AddHealthChecks().AddAsyncCheck(check, async cancellationToken =>
            await answers(port, await password.Resource.GetValueAsync(cancellationToken) ?? "", cancellationToken)
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"{name} does not answer as it should on port {port}."));
        return _builder.AddResource(server)
            .WithArgs($"{name}.sh")
            .WithEndpoint(port: port, scheme: scheme, name: NativeServer.EndpointName, env: "PORT", isProxied: false)
            .WithEnvironment("DATA", folder)
            .WithEnvironment("PASSWORD", password)
            .WithHealthCheck(check);
    }
}

using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Gaia.AppHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gaia.Tests.Hosting;

/// <summary>What the AppHost relies on in Aspire.Hosting. It runs unchanged against the real package and its stand-in.</summary>
public sealed class HostingContractTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gaia-hosting-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_resource_starts_only_when_the_one_it_waits_for_is_healthy()
    {
        var healthy = false;
        var builder = Models.Create();
        builder.Services.AddHealthChecks().AddCheck("first-check", () => healthy ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        var first = builder.AddShell("first", "sleep 600").WithHealthCheck("first-check");
        builder.AddShell("second", "sleep 600").WaitFor(first);

        await using var app = await builder.StartAsync();
        await app.UntilAsync("second", KnownResourceStates.Waiting);
        var unhealthy = await app.UntilAsync("first", update => update.Snapshot.State?.Text == KnownResourceStates.Running && update.Snapshot.HealthReports.Any(report => report.Status is not null));
        Assert.Equal(HealthStatus.Unhealthy, unhealthy.Snapshot.HealthStatus);
        Assert.Equal(KnownResourceStates.Waiting, app.State("second"));

        healthy = true;
        await app.UntilAsync("second", KnownResourceStates.Running);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_start_command_ends_the_wait_of_a_waiting_resource()
    {
        var builder = Models.Create();
        builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        var first = builder.AddShell("first", "sleep 600").WithHealthCheck("never");
        builder.AddShell("second", "sleep 600").WaitFor(first);

        await using var app = await builder.StartAsync();
        await app.UntilAsync("second", KnownResourceStates.Waiting);
        var result = await app.ResourceCommands.ExecuteCommandAsync(app.Resource("second"), KnownResourceCommands.StartCommand);
        Assert.True(result.Success, result.Message);
        await app.UntilAsync("second", KnownResourceStates.Running);
        await app.StopAsync();
    }

    [Theory]
    [InlineData(0, 0, "Running")]
    [InlineData(3, 3, "Running")]
    [InlineData(3, 0, "FailedToStart")]
    public async Task A_resource_that_waits_for_completion_starts_only_after_the_expected_exit_code(int actual, int expected, string state)
    {
        var builder = Models.Create();
        var job = builder.AddShell("job", $"exit {actual}");
        builder.AddShell("after", "sleep 600").WaitForCompletion(job, expected);

        await using var app = await builder.StartAsync();
        var ended = await app.UntilAsync("job", KnownResourceStates.Finished);
        Assert.Equal(actual, ended.Snapshot.ExitCode);
        await app.UntilAsync("after", state);
        await app.StopAsync();
    }

    [Fact]
    public async Task An_executable_receives_addresses_connection_strings_and_parameters_under_the_usual_names()
    {
        var builder = Models.Create();
        var server = builder.AddResource(new DiscoverableShell("keys")).WithArgs("-c", "sleep 600")
            .WithEndpoint(port: 23456, name: "tcp", scheme: "tcp", isProxied: false, env: "PORT");
        var address = server.GetEndpoint("tcp");
        var parameter = builder.AddParameter("password", () => "p&ss", secret: true);
        var connection = builder.AddConnectionString("store", ReferenceExpression.Create(
            $"Host={address.Property(EndpointProperty.IPV4Host)};Port={address.Property(EndpointProperty.Port)};Password={parameter}"));
        builder.AddShell("client", "env; echo --finished--; sleep 600")
            .WithReference(connection).WithReference(server).WithEnvironment("PLAIN", "value").WithEnvironment("PASSWORD", parameter)
            .WithEnvironment("COMPOSED", ReferenceExpression.Create($"{address.Property(EndpointProperty.Port)}/{{x}}")).WithOtlpExporter();

        await using var app = await builder.StartAsync();
        var output = await app.OutputAsync("client", "--finished--");
        Assert.Contains(" ConnectionStrings__store=Host=127.0.0.1;Port=23456;Password=p&ss\n", output);
        Assert.Contains(" KEYS_TCP=tcp://localhost:23456\n", output);
        Assert.Contains(" services__keys__tcp__0=tcp://localhost:23456\n", output);
        Assert.Contains(" PLAIN=value\n", output);
        Assert.Contains(" PASSWORD=p&ss\n", output);
        Assert.Contains(" COMPOSED=23456/{x}\n", output);
        Assert.Contains(" OTEL_SERVICE_NAME=client\n", output);
        Assert.Contains(" OTEL_EXPORTER_OTLP_ENDPOINT=http", output);
        Assert.DoesNotContain(" PORT=23456", output);
        await app.StopAsync();
    }

    [Fact]
    public async Task An_unproxied_endpoint_without_a_port_gets_a_free_one_and_tells_the_process()
    {
        var builder = Models.Create();
        builder.AddShell("server", "echo \"port $PORT END\"; sleep 600").WithEndpoint(name: "tcp", scheme: "tcp", isProxied: false, env: "PORT");

        await using var app = await builder.StartAsync();
        var output = await app.OutputAsync("server", "END");
        var endpoint = new EndpointReference((IResourceWithEndpoints)app.Resource("server"), "tcp");
        Assert.True(endpoint.Port > 0);
        Assert.Contains($"port {endpoint.Port} END", output);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_stop_command_passes_through_Stopping_and_a_start_command_brings_the_resource_back()
    {
        var builder = Models.Create();
        builder.AddShell("worker", "trap 'exit 0' TERM; while true; do sleep 0.1; done");

        await using var app = await builder.StartAsync();
        await app.UntilAsync("worker", KnownResourceStates.Running);
        var stopping = app.UntilAsync("worker", KnownResourceStates.Stopping);
        var stopped = await app.ResourceCommands.ExecuteCommandAsync("worker", KnownResourceCommands.StopCommand);
        Assert.True(stopped.Success, stopped.Message);
        await stopping;
        await app.UntilAsync("worker", KnownResourceStates.Finished);

        var started = await app.ResourceCommands.ExecuteCommandAsync(app.Resource("worker"), KnownResourceCommands.StartCommand);
        Assert.True(started.Success, started.Message);
        await app.UntilAsync("worker", KnownResourceStates.Running);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_missing_parameter_says_so_and_keeps_only_those_that_need_it_from_starting()
    {
        var builder = Models.Create();
        var absent = builder.AddParameter("absent", secret: true);
        builder.AddShell("needs-it", "sleep 600").WithEnvironment("ABSENT", absent);
        builder.AddShell("does-not", "sleep 600");

        await using var app = await builder.StartAsync();
        await app.UntilAsync("needs-it", KnownResourceStates.FailedToStart);
        await app.UntilAsync("absent", KnownResourceStates.ValueMissing);
        await app.UntilAsync("does-not", KnownResourceStates.Running);
        await app.StopAsync();
    }

    [Fact]
    public async Task Stopping_the_application_leaves_no_process_nor_a_child_of_one()
    {
        var builder = Models.Create();
        builder.AddShell("parent", $"echo $$ > {_folder}/parent; sleep 600 & echo $! > {_folder}/child; while true; do sleep 0.1; done");

        await using var app = await builder.StartAsync();
        await Models.EventuallyAsync(() => File.Exists($"{_folder}/child") && File.ReadAllText($"{_folder}/child").Length > 1);
        await app.StopAsync();
        await app.DisposeAsync();
        foreach (var name in new[] { "parent", "child" })
            await Models.EventuallyAsync(() => !Directory.Exists($"/proc/{File.ReadAllText($"{_folder}/{name}").Trim()}"));
    }

    [Fact]
    public async Task Supervision_starts_a_crashed_resource_again_but_not_one_stopped_on_purpose()
    {
        var (starts, builder) = (Path.Combine(_folder, "starts"), Models.Create());
        builder.AddShell("worker", $"echo $$ >> {starts}; trap 'exit 0' TERM; while true; do sleep 0.1; done");
        builder.AddShell("other", "exit 7");
        builder.AddSupervision(resource => resource.Name == "worker");
        string[] Starts() => File.Exists(starts) ? File.ReadAllLines(starts) : [];

        await using var app = await builder.StartAsync();
        await Models.EventuallyAsync(() => Starts().Length == 1);
        await app.UntilAsync("worker", KnownResourceStates.Running);
        System.Diagnostics.Process.GetProcessById(int.Parse(Starts()[0])).Kill();
        await Models.EventuallyAsync(() => Starts().Length == 2);
        await app.UntilAsync("worker", KnownResourceStates.Running);

        await app.ResourceCommands.ExecuteCommandAsync("worker", KnownResourceCommands.StopCommand);
        await app.UntilAsync("worker", KnownResourceStates.Finished);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal(2, Starts().Length);
        Assert.Equal(KnownResourceStates.Finished, app.State("worker"));
        Assert.Equal(KnownResourceStates.Finished, app.State("other"));

        await app.ResourceCommands.ExecuteCommandAsync("worker", KnownResourceCommands.StartCommand);
        await Models.EventuallyAsync(() => Starts().Length == 3);
        await app.StopAsync();
    }

    [Fact]
    public async Task Supervision_does_not_let_a_restarted_resource_wait_for_what_is_away_now()
    {
        var (starts, builder) = (Path.Combine(_folder, "starts"), Models.Create());
        var server = builder.AddShell("server", "trap 'exit 0' TERM; while true; do sleep 0.1; done");
        builder.AddShell("worker", $"echo $$ >> {starts}; exec sleep 600").WaitFor(server, WaitBehavior.WaitOnResourceUnavailable);
        builder.AddSupervision(resource => resource.Name == "worker");

        await using var app = await builder.StartAsync();
        await Models.EventuallyAsync(() => File.Exists(starts) && File.ReadAllLines(starts).Length == 1);
        await app.UntilAsync("worker", KnownResourceStates.Running);
        await app.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.StopCommand);
        await app.UntilAsync("server", KnownResourceStates.Finished);

        System.Diagnostics.Process.GetProcessById(int.Parse(File.ReadAllLines(starts)[0])).Kill();
        await Models.EventuallyAsync(() => File.ReadAllLines(starts).Length == 2);
        await app.StopAsync();
    }

    private sealed class DiscoverableShell(string name) : ExecutableResource(name, "/bin/sh", Path.GetTempPath()), IResourceWithServiceDiscovery;
}

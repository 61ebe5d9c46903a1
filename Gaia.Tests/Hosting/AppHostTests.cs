using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Gaia.AppHost;
using Gaia.ServiceDefaults.Configuration;
using Gaia.Tests.Infrastructure;
using Gaia.Tests.Stack;
using Microsoft.Extensions.Configuration;

namespace Gaia.Tests.Hosting;

public sealed class AppHostTests : IDisposable
{
    private static readonly string Repository = Path.GetFullPath("..", Projects.Gaia_AppHost.ProjectPath);

    private readonly string _folder = Directory.CreateTempSubdirectory("gaia-apphost-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_taken_port_gives_one_line_that_names_port_resource_and_process()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var problem = PortsWith(("Gaia:PortOffset", $"{port - 8666}")).Problem();

        Assert.NotNull(problem);
        Assert.Contains($"Port {port} for gateway is taken by ", problem);
        Assert.Contains($"(process {Environment.ProcessId})", problem);
        Assert.DoesNotContain('\n', problem);
    }

    [Fact]
    public async Task The_AppHost_ends_with_code_1_and_starts_nothing_when_a_port_is_taken()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (code, output) = await RunAppHostAsync($"--Gaia:PortOffset={port - 8666}", $"--Gaia:DataRoot={_folder}/data", "--Gaia:Backing=native");

        Assert.Equal(1, code);
        Assert.Contains($"Port {port} for gateway is taken", output);
        Assert.False(Directory.Exists($"{_folder}/data"));
    }

    [Fact]
    public void The_port_offset_shifts_every_port_and_random_ports_differ()
    {
        var ports = PortsWith(("Gaia:PortOffset", "100"));
        Assert.Equal((8766, 8180, 8101, 8322, 18988), (ports["gateway"], ports["web"], ports["auth"], ports["nats-monitoring"], ports["dashboard"]));

        var random = PortsWith(("Gaia:RandomPorts", "true"));
        string[] names = ["gateway", "web", "auth", "asset", "chat", "kb", "postgres", "redis", "nats"];
        Assert.Equal(names.Length, names.Select(name => random[name]).Distinct().Count());
        Assert.Null(random.ForContainer("redis"));
    }

    [Fact]
    public async Task Publishing_models_containers_and_writes_nothing()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Gaia_AppHost>(
            ["--operation", "publish", $"--Gaia:DataRoot={_folder}/data", "--Gaia:Backing=native"]);

        Assert.Contains(builder.Resources, resource => resource is PostgresServerResource { Name: "postgres" });
        Assert.Contains(builder.Resources, resource => resource is PostgresDatabaseResource { Name: "gaia", DatabaseName: "gaia" });
        Assert.Contains(builder.Resources, resource => resource is RedisResource { Name: "redis" });
        Assert.Contains(builder.Resources, resource => resource is NatsServerResource { Name: "nats" });
        Assert.DoesNotContain(builder.Resources, resource => resource is ExecutableResource);
        Assert.Equal(["asset", "auth", "chat", "gateway", "kb", "web"], builder.Resources.OfType<ProjectResource>().Select(service => service.Name).Order());
        foreach (var parameter in builder.Resources.OfType<ParameterResource>().Where(parameter => parameter.Name != "postgres-password"))
            Assert.NotNull(await parameter.GetValueAsync(default));
        Assert.False(Directory.Exists($"{_folder}/data"));
    }

    [Fact]
    public async Task Publishing_starts_nothing_and_succeeds()
    {
        var (code, output) = await RunAppHostAsync("--operation", "publish", "--step", "publish", "--output-path", $"{_folder}/published", $"--Gaia:DataRoot={_folder}/data");

        Assert.True(code == 0, output);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task What_the_environment_says_wins_over_the_env_file_and_what_neither_says_is_not_passed()
    {
        await File.WriteAllLinesAsync($"{_folder}/.env",
            ["# comment", "OPENAI_API_KEY=from-file", "export MISTRAL_API_KEY=\"quoted # value\"", "DEFAULT_LLM_MODEL=gpt-x # a comment", "GOOGLE_API_KEY="]);
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Gaia_AppHost>(
            ["--Gaia:Backing=native", $"--Gaia:EnvFile={_folder}/.env", "--OPENAI_API_KEY=from-environment"]);

        var parameters = builder.Resources.OfType<ParameterResource>().ToDictionary(parameter => parameter.Name);
        Assert.Equal("from-environment", await parameters["openai-api-key"].GetValueAsync(default));
        Assert.Equal("quoted # value", await parameters["mistral-api-key"].GetValueAsync(default));
        Assert.Equal("gpt-x", await parameters["default-llm-model"].GetValueAsync(default));
        Assert.True(parameters["openai-api-key"].Secret);
        Assert.False(parameters["default-llm-model"].Secret);
        Assert.DoesNotContain("google-api-key", parameters.Keys);
        Assert.DoesNotContain("meshy-api-key", parameters.Keys);
    }

    [Theory]
    [InlineData("ENVIRONMENT=production", "Production")]
    [InlineData("ENVIRONMENT=Staging", "Staging")]
    [InlineData("# ENVIRONMENT=production", "Development")]
    public void The_environment_of_the_services_is_that_of_the_env_file_whatever_the_hosts_own_is(string line, string expected)
    {
        File.WriteAllText($"{_folder}/.env", line);
        foreach (var own in new[] { "Development", "Production" })
        {
            var builder = Models.Create($"--environment={own}", $"--Gaia:EnvFile={_folder}/.env");
            Assert.Equal(own, builder.Configuration["ENVIRONMENT"]);
            Assert.Equal(expected, Settings.Read(builder, RunMode.Local).EnvironmentName);
        }
    }

    [Fact]
    public async Task ENVIRONMENT_production_in_the_env_file_reaches_every_service_and_refuses_the_development_key()
    {
        await File.WriteAllTextAsync($"{_folder}/.env", "ENVIRONMENT=production\n");
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Gaia_AppHost>(["--environment=Development", $"--Gaia:EnvFile={_folder}/.env"]);
        await using var app = await builder.BuildAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await app.StartAsync(limit.Token);

        foreach (var service in GaiaStack.Services)
        {
            // Running is also what has yet to start the service's own process.
            await app.ResourceNotifications.WaitForResourceHealthyAsync(service, limit.Token);
            using var process = ServiceProcess.Find(app, service);
            Assert.Equal(("Production", "Production"), (ServiceProcess.Variable(process, "ASPNETCORE_ENVIRONMENT"), ServiceProcess.Variable(process, "DOTNET_ENVIRONMENT")));
        }

        using var client = app.CreateHttpClient("gateway", "http");
        client.DefaultRequestHeaders.Add("X-API-Key", GaiaStack.DevelopmentKey);
        using var answer = await client.GetAsync("/api/v1/conversations", limit.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public void The_example_of_the_env_file_marks_every_setting_that_no_service_reads()
    {
        string[] readElsewhere = ["ENVIRONMENT", "LOG_LEVEL", "SUPABASE_URL", "TEST_MODE"];
        var read = LegacyNames.All.Concat(readElsewhere).ToHashSet();
        var lines = File.ReadAllLines(Path.Combine(Repository, ".env.example"));
        var settings = lines.Zip(lines.Skip(1))
            .Where(pair => pair.First.StartsWith("# [", StringComparison.Ordinal) && !pair.First.StartsWith("# [reserved]", StringComparison.Ordinal) && !pair.First.StartsWith("# [set by", StringComparison.Ordinal))
            .Select(pair => (Name: pair.Second[1..pair.Second.IndexOf('=', StringComparison.Ordinal)], Marked: pair.First.Contains("(not read yet)", StringComparison.Ordinal))).ToList();

        Assert.NotEmpty(settings);
        Assert.Empty(settings.Where(setting => !setting.Marked && !read.Contains(setting.Name)).Select(setting => $"{setting.Name} is not read, and not marked"));
        Assert.Empty(settings.Where(setting => setting.Marked && read.Contains(setting.Name)).Select(setting => $"{setting.Name} is read, and marked as not"));
        Assert.Empty(read.Except(settings.Select(setting => setting.Name)).Select(name => $"{name} is read, and not documented"));
    }

    [Fact]
    public void The_example_of_the_env_file_explains_every_setting_and_names_the_services_that_receive_it()
    {
        var documented = new Dictionary<string, string>();
        var (lines, readers) = (File.ReadAllLines(Path.Combine(Repository, ".env.example")), "");
        foreach (var line in lines.Where(line => line.StartsWith('#')))
        {
            if (line.StartsWith("# [", StringComparison.Ordinal)) readers = line[3..line.IndexOf(']', StringComparison.Ordinal)];
            else if (line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0 && line[1..equals].All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'))
                documented.Add(line[1..equals], readers);
        }

        var expected = Settings.ByService.SelectMany(service => service.Value.Select(name => (Name: name, Service: service.Key)))
            .GroupBy(pair => pair.Name, pair => pair.Service).ToDictionary(group => group.Key, group => string.Join(' ', group.Order()));
        foreach (var name in Settings.SetByAppHost) expected.Add(name, "set by the AppHost");

        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            documented.Where(pair => pair.Value != "reserved").OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.DoesNotContain(lines, line => line.Length > 0 && line[0] != '#');
    }

    private static Ports PortsWith(params (string Key, string Value)[] settings)
        => Ports.Of(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)).Build(), RunMode.Local);

    private async Task<(int Code, string Output)> RunAppHostAsync(params string[] arguments)
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        var program = Path.Combine(Projects.Gaia_AppHost.ProjectPath, "bin", configuration, "net10.0", "Gaia.AppHost.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        })!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, string.Concat(await output));
    }
}

using System.Diagnostics;
using Gaia.ServiceDefaults;
using Gaia.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gaia.Tests.Infrastructure;

/// <summary>A service of Gaia inside the test process, on a port of its own, with real HTTP in front of it.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServiceHost(WebApplication app)
    {
        _app = app;
        Url = app.Urls.Single();
        Client = new HttpClient { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="name">The project's name, such as <c>Gaia.Auth</c>.</param>
    /// <param name="settings">Configuration, under its keys with colons.</param>
    /// <param name="add">What the service's <c>Program.cs</c> adds after the defaults.</param>
    /// <param name="map">What it maps after the defaults.</param>
    /// <param name="clock">Its time; the system's when null.</param>
    /// <param name="port">Where it listens; any free port when zero.</param>
    /// <param name="log">Receives everything it logs, down to the finest level.</param>
    public static async Task<ServiceHost> StartAsync(
        string name,
        string environment,
        IEnumerable<KeyValuePair<string, string?>> settings,
        Action<WebApplicationBuilder> add,
        Action<WebApplication> map,
        TimeProvider? clock = null,
        int port = 0,
        LogSink? log = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = name, EnvironmentName = environment, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection([new("Gaia:ServiceKey", AuthHost.ServiceKey)]);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        if (log is not null)
            builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        if (clock is not null)
            builder.Services.AddSingleton(clock);
        builder.AddServiceDefaults();
        add(builder);

        var app = builder.Build();
        app.MapDefaultEndpoints();
        map(app);
        await app.StartAsync();
        return new ServiceHost(app);
    }

    /// <summary>Waits until the service is ready, by its own checks: <c>/ready</c> remembers its answer for a second.</summary>
    public async Task<ServiceHost> UntilReadyAsync()
    {
        var checks = Services.GetRequiredService<HealthCheckService>();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var report = await checks.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready));
            if (report.Status == HealthStatus.Healthy)
                return this;
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(20))
                throw new TimeoutException($"The service does not become ready: {string.Join(", ", report.Entries.Select(entry => $"{entry.Key} {entry.Value.Description}"))}");
            await Task.Delay(20);
        }
    }

    /// <summary>Ends it as it ends in production; what else runs in this process keeps its connections.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        // Pools outlive the host, each test has a database of its own, and PostgreSQL's connections are counted over all of them.
        NpgsqlConnection.ClearAllPools();
    }
}

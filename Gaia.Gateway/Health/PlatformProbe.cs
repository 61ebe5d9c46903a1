using System.Diagnostics;
using Gaia.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;

namespace Gaia.Gateway.Health;

/// <summary>Asks every service how it is, all at once, and shares the answer among those who ask within half a second.</summary>
internal sealed class PlatformProbe(IHttpClientFactory clients, HealthSnapshot own, IConfiguration configuration, TimeProvider time)
{
    private static readonly string[] Services = ["auth", "asset", "chat", "kb"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1.5);

    private readonly Coalesced<PlatformHealth> _shared = new(TimeSpan.FromSeconds(0.5), time);

    public Task<PlatformHealth> GetAsync(CancellationToken cancellationToken) => _shared.GetAsync(ProbeAsync, cancellationToken);

    private async Task<PlatformHealth> ProbeAsync()
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        var report = own.GetAsync(CancellationToken.None);
        var states = await Task.WhenAll(Services.Select(ProbeAsync));
        var checks = (await report).Entries;
        var database = IsHealthy(checks, DatabaseProbe.Name);
        var redis = IsHealthy(checks, "StackExchange.Redis");
        var status = (database, redis && states.All(state => state.Status == "healthy")) switch
        {
            (false, _) => "unhealthy",
            (true, false) => "degraded",
            (true, true) => "healthy",
        };
        return new PlatformHealth(
            status,
            time.GetUtcNow().UtcDateTime,
            "0.2.0",
            Services.Zip(states).ToDictionary(pair => pair.First, pair => pair.Second),
            new DatabaseState(Word(database), "postgresql", database, database ? null : "PostgreSQL does not answer"),
            new RedisState(Word(redis), redis),
            new NatsState(Word(IsHealthy(checks, "NATS"))),
            Supabase());
    }

    private async Task<ServiceState> ProbeAsync(string service)
    {
        var started = Stopwatch.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            using var client = clients.CreateClient();
            using var response = await client.GetAsync(new Uri($"http://{service}/health"), HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode
                ? new ServiceState("healthy", Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 6), null)
                : new ServiceState("unhealthy", null, $"Answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException)
        {
            return new ServiceState("unhealthy", null, "Cannot be reached");
        }
        catch (OperationCanceledException)
        {
            return new ServiceState("unhealthy", null, $"No answer within {Limit.TotalSeconds} seconds");
        }
    }

    /// <summary>Informs only. No user store but Gaia's own is configured until a URL is given.</summary>
    private SupabaseState Supabase() => configuration["SUPABASE_URL"] is { Length: > 0 } url
        ? new SupabaseState("unhealthy", "supabase", url, false, "Not probed")
        : new SupabaseState("unhealthy", "supabase", null, false, "Not configured");

    private static bool IsHealthy(IReadOnlyDictionary<string, HealthReportEntry> checks, string name) =>
        checks.TryGetValue(name, out var entry) && entry.Status == HealthStatus.Healthy;

    private static string Word(bool healthy) => healthy ? "healthy" : "unhealthy";
}

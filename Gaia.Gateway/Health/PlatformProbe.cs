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
        var supabase = ProbeSupabaseAsync();
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
            await supabase);
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

    /// <summary>Informs only. Any answer that is no failure shows that the project is there: without its key it refuses to say more.</summary>
    private async Task<SupabaseState> ProbeSupabaseAsync()
    {
        var url = configuration["Supabase:Url"]?.TrimEnd('/');
        if (string.IsNullOrWhiteSpace(url))
            return Unhealthy(null, "Not configured");
        if (!Uri.TryCreate($"{url}/auth/v1/health", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return Unhealthy(url, "Not an address");
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            using var client = clients.CreateClient();
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return (int)response.StatusCode < 500 ? new SupabaseState("healthy", "supabase", url, true, null) : Unhealthy(url, $"Answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException)
        {
            return Unhealthy(url, "Cannot be reached");
        }
        catch (OperationCanceledException)
        {
            return Unhealthy(url, $"No answer within {Limit.TotalSeconds} seconds");
        }

        static SupabaseState Unhealthy(string? url, string error) => new("unhealthy", "supabase", url, false, error);
    }

    private static bool IsHealthy(IReadOnlyDictionary<string, HealthReportEntry> checks, string name) =>
        checks.TryGetValue(name, out var entry) && entry.Status == HealthStatus.Healthy;

    private static string Word(bool healthy) => healthy ? "healthy" : "unhealthy";
}

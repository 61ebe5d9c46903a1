using Gaia.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Gaia.Web.Status;

/// <summary>
/// Puts together how every part of Gaia is: what the gateway says and, of Redis and NATS where it says nothing, what this service sees itself.
/// One question serves all pages that ask within half a second.
/// </summary>
internal sealed class PlatformMonitor(GatewayClient gateway, HealthSnapshot own, Coalesced<PlatformStatus> shared, TimeProvider time)
{
    private const int MaxNoteLength = 120;
    private const string Connected = "Connected";

    public Task<PlatformStatus> GetAsync(CancellationToken cancellationToken) => shared.GetAsync(ReadAsync, cancellationToken);

    private async Task<PlatformStatus> ReadAsync()
    {
        var ownChecks = GetOwnChecksAsync();
        var answer = await gateway.GetHealthAsync(CancellationToken.None);
        var checks = await ownChecks;
        var health = answer.Health;

        return new PlatformStatus(time.GetUtcNow(),
        [
            health is null
                ? new ComponentStatus("Gateway", "The one door for every client", ComponentState.Unhealthy, Note: answer.Failure)
                : new ComponentStatus("Gateway", "The one door for every client", ComponentState.Healthy, answer.Elapsed),
            Reported("Auth", "Users, keys and permissions", health, Service("auth")),
            Reported("Chat", "Conversations and language models", health, Service("chat")),
            Reported("Assets", "A place for generated files", health, Service("asset")),
            Reported("Knowledge base", "A place for documents and search", health, Service("kb")),
            new ComponentStatus("Web", "The pages for people", ComponentState.Healthy, Note: "Serves this page"),
            Reported("Database", "PostgreSQL, where everything is kept", health, health?.Database, "Answers the gateway"),
            ReportedOrSeen("Redis", "A cache that makes things faster", health?.Redis, checks, "StackExchange.Redis"),
            ReportedOrSeen("NATS", "Events between the services", health?.Nats, checks, "NATS"),
        ]);

        GatewayHealth.Part? Service(string name) => health?.Services?.GetValueOrDefault(name);
    }

    private static ComponentStatus Reported(string name, string role, GatewayHealth? health, GatewayHealth.Part? part, string? healthyNote = null) => part switch
    {
        null => new ComponentStatus(name, role, ComponentState.Unknown, Note: health is null ? "The gateway does not answer" : "The gateway does not say"),
        { Status: "healthy" } => new ComponentStatus(name, role, ComponentState.Healthy, Seconds(part.ResponseTime), healthyNote),
        _ => new ComponentStatus(name, role, ComponentState.Unhealthy, Note: Shorten(part.Error)),
    };

    private static ComponentStatus ReportedOrSeen(
        string name, string role, GatewayHealth.Part? part, IReadOnlyDictionary<string, HealthReportEntry>? checks, string check)
    {
        if (part is not null)
            return Reported(name, role, null, part, Connected);
        if (checks is null || !checks.TryGetValue(check, out var entry))
            return new ComponentStatus(name, role, ComponentState.Unknown, Note: "No answer yet");
        return entry.Status == HealthStatus.Healthy
            ? new ComponentStatus(name, role, ComponentState.Healthy, Note: Connected)
            : new ComponentStatus(name, role, ComponentState.Unhealthy, Note: "The web service cannot reach it");
    }

    /// <summary>The checks of this service's own clients; null when they take too long.</summary>
    private async Task<IReadOnlyDictionary<string, HealthReportEntry>?> GetOwnChecksAsync()
    {
        try
        {
            return (await own.GetAsync(CancellationToken.None).WaitAsync(GatewayClient.Limit, time)).Entries;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return null;
        }
    }

    private static TimeSpan? Seconds(double? value) => value is >= 0 and < 3600 ? TimeSpan.FromSeconds(value.Value) : null;

    private static string? Shorten(string? text) => text?.Length > MaxNoteLength ? string.Concat(text.AsSpan(0, MaxNoteLength), "…") : text;
}

using System.Diagnostics;
using System.Text.Json;
using Polly;

namespace Gaia.Web.Status;

/// <summary>Asks the gateway how everything is.</summary>
internal sealed class GatewayClient(HttpClient http)
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public async Task<GatewayAnswer> GetHealthAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.GetAsync("/health", cancellationToken);
            if (!response.IsSuccessStatusCode)
                return new GatewayAnswer(null, Stopwatch.GetElapsedTime(started), $"Answered {(int)response.StatusCode}");
            var health = await response.Content.ReadFromJsonAsync(WebJson.Default.GatewayHealth, cancellationToken);
            return health is null
                ? new GatewayAnswer(null, Stopwatch.GetElapsedTime(started), "Answered with nothing")
                : new GatewayAnswer(health, Stopwatch.GetElapsedTime(started), null);
        }
        catch (HttpRequestException)
        {
            return new GatewayAnswer(null, Stopwatch.GetElapsedTime(started), "Cannot be reached");
        }
        catch (Exception exception) when (exception is ExecutionRejectedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new GatewayAnswer(null, Stopwatch.GetElapsedTime(started), $"No answer within {Limit.TotalSeconds} seconds");
        }
        catch (JsonException)
        {
            return new GatewayAnswer(null, Stopwatch.GetElapsedTime(started), "Answered with something else than its health");
        }
    }
}

/// <param name="Health">The body; null when there was none.</param>
/// <param name="Failure">Why there was none.</param>
internal sealed record GatewayAnswer(GatewayHealth? Health, TimeSpan Elapsed, string? Failure);

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;

namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>The token that this service shows the others. Fetched beside the start and renewed while half of its time is left.</summary>
public sealed partial class ServiceTokens(
    IHttpClientFactory clients, ServiceInfo service, IOptions<ServiceIdentityOptions> options, TimeProvider time, ILogger<ServiceTokens> logger)
    : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile Fetched? _fetched;

    /// <summary>The token, or null while there is none: for requests that can do without.</summary>
    public string? Current => _fetched is { } fetched && time.GetUtcNow() < fetched.Ends ? fetched.Token : null;

    /// <exception cref="DependencyUnavailableException">Auth does not answer, or does not know this service.</exception>
    public ValueTask<string> GetAsync(CancellationToken cancellationToken) =>
        Current is { } token ? new(token) : FetchAsync(cancellationToken);

    public override void Dispose()
    {
        base.Dispose();
        _fetching.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var away = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RenewAsync(stoppingToken);
                away = false;
            }
            catch (DependencyUnavailableException exception)
            {
                if (!away)
                    LogAway(exception.InnerException?.Message);
                away = true;
            }

            await Task.Delay(away ? RetryAfter : _fetched!.Lifetime / 2, time, stoppingToken);
        }
    }

    private async ValueTask<string> FetchAsync(CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            return Current ?? (await RenewAsync(cancellationToken)).Token;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<Fetched> RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var asked = time.GetUtcNow();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/service-token")
            {
                Content = JsonContent.Create(new ServiceTokenRequest(service.Name), ServiceTokenJson.Default.ServiceTokenRequest),
            };
            request.Headers.Add(ServiceHeaders.Key, options.Value.ServiceKey);
            using var response = await clients.CreateClient(AuthClient.Name).SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                LogRefused(service.Name, (int)response.StatusCode);
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync(ServiceTokenJson.Default.ServiceTokenResponse, cancellationToken)
                ?? throw new JsonException("The answer is null.");
            var lifetime = TimeSpan.FromSeconds(answer.ExpiresIn);
            // A token must outlive the request that it is shown with.
            return _fetched = new Fetched(answer.Token, lifetime, asked + (lifetime * 0.9));
        }
        catch (Exception exception) when (
            exception is HttpRequestException or ExecutionRejectedException or JsonException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DependencyUnavailableException(AuthClient.Service, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "No service token for now: {Reason}")]
    private partial void LogAway(string? reason);

    [LoggerMessage(LogLevel.Error, "Auth refused the service {Service} ({Status}): Gaia:ServiceKey here must be the value that Auth has under Auth:ServiceKeys:{Service}")]
    private partial void LogRefused(string service, int status);

    private sealed record Fetched(string Token, TimeSpan Lifetime, DateTimeOffset Ends);
}

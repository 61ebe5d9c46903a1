using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly.Timeout;

namespace Gaia.ServiceDefaults.Http;

public static class ServiceClientExtensions
{
    /// <summary>
    /// An HTTP client for calls to a service of Gaia. It fails fast, repeats what is safe to repeat a moment later, and never
    /// repeats a POST. Beside <see cref="HttpRequestException"/> a call may end in <c>Polly.ExecutionRejectedException</c>: out of
    /// time, or not tried because the service kept giving no answer. Language models and asset providers have policies of their own.
    /// </summary>
    /// <param name="services">The caller's services.</param>
    /// <param name="name">The client's name.</param>
    /// <param name="service">The service it calls, as in the model.</param>
    /// <param name="limit">How long one attempt may take; all attempts together half a second more.</param>
    public static IHttpClientBuilder AddServiceClient(this IServiceCollection services, string name, string service, TimeSpan limit)
    {
        var client = services.AddHttpClient(name, http =>
        {
            http.BaseAddress = new Uri($"http://{service}");
            http.Timeout = Timeout.InfiniteTimeSpan;
        });
        client.ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        });
        client.AddStandardResilienceHandler(options =>
        {
            // Whoever asks too much is told so, and at once: to ask again would only be more.
            var isTransient = options.Retry.ShouldHandle;
            options.Retry.ShouldHandle = args => args.Outcome.Result is { StatusCode: HttpStatusCode.TooManyRequests } ? ValueTask.FromResult(false) : isTransient(args);
            options.Retry.DisableForUnsafeHttpMethods();
            options.Retry.MaxRetryAttempts = 2;
            options.Retry.Delay = TimeSpan.FromMilliseconds(50);
            options.AttemptTimeout.Timeout = limit;
            options.TotalRequestTimeout.Timeout = limit + TimeSpan.FromSeconds(0.5);
            // A service that answers is there. What it answers is one caller's, who must not cut off all others.
            options.CircuitBreaker.ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is HttpRequestException or TimeoutRejectedException);
            // A service that is back should be noticed at once.
            options.CircuitBreaker.BreakDuration = TimeSpan.FromSeconds(1);
        });
        return client;
    }
}

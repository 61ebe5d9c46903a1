using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace Gaia.ServiceDefaults.Http;

public static class ServiceClientExtensions
{
    /// <summary>
    /// The HTTP client named <paramref name="service"/>, for calls to that service of Gaia. It fails fast, repeats what is safe
    /// to repeat a moment later, and never repeats a POST. Language models and asset providers have policies of their own.
    /// </summary>
    public static IHttpClientBuilder AddServiceClient(this IServiceCollection services, string service)
    {
        var client = services.AddHttpClient(service, http => http.BaseAddress = new Uri($"http://{service}"));
        client.ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
        client.AddStandardResilienceHandler(static options =>
        {
            options.Retry.DisableForUnsafeHttpMethods();
            options.Retry.MaxRetryAttempts = 2;
            options.Retry.Delay = TimeSpan.FromMilliseconds(100);
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(3);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(4);
        });
        return client;
    }
}

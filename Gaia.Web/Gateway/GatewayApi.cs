using System.Net;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Http;
using Gaia.Web.Sessions;

namespace Gaia.Web.Gateway;

/// <summary>
/// The gateway, called in the name of whoever is signed in; where nobody is, without a name. Refusals are
/// <see cref="GatewayException"/>, outages <see cref="DependencyUnavailableException"/>, and a session that is over
/// <see cref="SignedOutException"/>: each has one place that turns it into an answer.
/// </summary>
internal sealed class GatewayApi(GatewayTransport transport, TokenRefresher tokens, IHttpContextAccessor requests)
{
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, cancellationToken);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, GatewayBody? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body, GatewayTransport.Client, cancellationToken);
        return await GatewayTransport.ReadAsync(response, type, cancellationToken);
    }

    /// <summary>For calls whose answer does not matter.</summary>
    public async Task SendAsync(HttpMethod method, string path, GatewayBody? body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body, GatewayTransport.Client, cancellationToken);
    }

    /// <summary>The answer as it comes; whoever asked disposes of it.</summary>
    public Task<HttpResponseMessage> StreamAsync(HttpMethod method, string path, GatewayBody? body, CancellationToken cancellationToken) =>
        SendAsync(method, path, body, GatewayTransport.StreamClient, cancellationToken);

    /// <summary>Asks whether a session goes on, for one that no request is of.</summary>
    /// <exception cref="SignedOutException">It does not.</exception>
    public async Task ProveAsync(CurrentSession session, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(session, HttpMethod.Get, "/api/v1/auth/user", null, GatewayTransport.Client, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, GatewayBody? body, string client, CancellationToken cancellationToken)
    {
        if (requests.HttpContext?.Features.Get<CurrentSession>() is { } session)
            return await SendAsync(session, method, path, body, client, cancellationToken);
        try
        {
            return await transport.SendAsync(method, path, body, null, client, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Status == (int)HttpStatusCode.Unauthorized)
        {
            throw new SignedOutException();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(CurrentSession session, HttpMethod method, string path, GatewayBody? body, string client, CancellationToken cancellationToken)
    {
        var current = await tokens.GetAsync(session, cancellationToken);
        try
        {
            return await transport.SendAsync(method, path, body, current.AccessToken, client, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Status == (int)HttpStatusCode.Unauthorized)
        {
            // What was refused has not been done, so that asking again is safe.
            current = await tokens.RefreshAsync(session.Id, current, cancellationToken);
        }

        try
        {
            return await transport.SendAsync(method, path, body, current.AccessToken, client, cancellationToken);
        }
        catch (GatewayException exception) when (exception.Status == (int)HttpStatusCode.Unauthorized)
        {
            await tokens.EndAsync(session.Id, cancellationToken);
            throw new SignedOutException();
        }
    }
}

internal static class GatewayExtensions
{
    /// <summary>The circuit breaker looks at half a minute, in which two attempts have to fit.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    internal static void AddGateway(this IServiceCollection services)
    {
        services.AddServiceClient(GatewayTransport.Client, "gateway", Limit);
        // Answers of language models have limits of their own, and are never asked for twice.
        services.AddHttpClient(GatewayTransport.StreamClient, static http =>
        {
            http.BaseAddress = new Uri("http://gateway");
            http.Timeout = Timeout.InfiniteTimeSpan;
        }).ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        });
        services.AddSingleton<GatewayTransport>();
        services.AddSingleton<GatewayApi>();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.Identity.Services;
using Microsoft.IdentityModel.Tokens;
using Polly;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>Talks to Auth. Whatever keeps it from a proper answer is an outage, never a refusal.</summary>
internal sealed class AuthClient(IHttpClientFactory clients, ServiceTokens identity, TimeProvider time) : IAuthority
{
    /// <summary>The name of the HTTP client; another than the service's, which others may use under policies of their own.</summary>
    internal const string Name = "identity";

    internal const string Service = "auth";

    /// <summary>Short, because the request that waits for it still has its own work to do.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(1.2);

    /// <summary>
    /// For how long nobody waits again after somebody waited in vain: a request asks for the keys, the credential and the
    /// permissions one after the other, and must not wait for each.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>What fails sooner is no reason to rest.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(300);

    private volatile Outage? _outage;

    public Task<ExchangeResponse> ExchangeAsync(Credential credential, CancellationToken cancellationToken) => CallAsync(async (client, cancellation) =>
    {
        var body = credential.Kind == CredentialKind.Jwt ? new ExchangeRequest(Token: credential.Value) : new ExchangeRequest(ApiKey: credential.Value);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/validate") { Content = JsonContent.Create(body, IdentityJson.Default.ExchangeRequest) };
        request.Headers.Add(ServiceHeaders.Token, await identity.GetAsync(cancellation));
        using var response = await client.SendAsync(request, cancellation);
        EnsureOk(response);
        return await response.Content.ReadFromJsonAsync(IdentityJson.Default.ExchangeResponse, cancellation)
            ?? throw new JsonException("The answer is null.");
    }, cancellationToken);

    public Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken) => CallAsync(static async (client, cancellation) =>
    {
        using var response = await client.GetAsync("/.well-known/jwks.json", cancellation);
        EnsureOk(response);
        return new JsonWebKeySet(await response.Content.ReadAsStringAsync(cancellation));
    }, cancellationToken);

    public Task<UserPermissions> GetPermissionsAsync(Guid userId, IReadOnlyList<string> keyRoles, CancellationToken cancellationToken) => CallAsync(async (client, cancellation) =>
    {
        var query = string.Join('&', keyRoles.Select(role => $"key_role={Uri.EscapeDataString(role)}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/internal/users/{userId}/permissions?{query}");
        request.Headers.Add(ServiceHeaders.Token, await identity.GetAsync(cancellation));
        using var response = await client.SendAsync(request, cancellation);
        EnsureOk(response);
        return await response.Content.ReadFromJsonAsync(PermissionsJson.Default.UserPermissions, cancellation)
            ?? throw new JsonException("The answer is null.");
    }, cancellationToken);

    private async Task<T> CallAsync<T>(Func<HttpClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        if (_outage is { } recent && time.GetElapsedTime(recent.At) < Rest)
            throw new DependencyUnavailableException(Service, recent.Cause);
        var asked = time.GetTimestamp();
        try
        {
            return await call(clients.CreateClient(Name), cancellationToken);
        }
        catch (Exception exception) when (
            exception is HttpRequestException or ExecutionRejectedException or JsonException or ArgumentException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (time.GetElapsedTime(asked) > Quick)
                _outage = new Outage(time.GetTimestamp(), exception);
            throw new DependencyUnavailableException(Service, exception);
        }
    }

    private static void EnsureOk(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException($"Auth answered {(int)response.StatusCode}.", null, response.StatusCode);
    }

    private sealed record Outage(long At, Exception Cause);
}

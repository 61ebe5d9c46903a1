using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Supabase;

/// <summary>What the project answered to one call.</summary>
/// <param name="Status">Below 500.</param>
/// <param name="Body">A JSON value; an empty object where there was none.</param>
/// <param name="RetryAfter">With 429: when to try again.</param>
internal sealed record ProjectAnswer(int Status, JsonElement Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>A word for the kind of mistake; older projects have none.</summary>
    public string? ErrorCode => Text("error_code") ?? Text("code") ?? Text("error");

    /// <summary>What the project says is wrong.</summary>
    public string Error => Text("msg") ?? Text("message") ?? Text("error_description") ?? Text("error") ?? $"The project answered {Status}";

    public string? Text(string name) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Without the body, for it may hold tokens.</summary>
    public override string ToString() => $"{nameof(ProjectAnswer)} {{ Status = {Status} }}";
}

/// <summary>
/// Calls a Supabase project: its GoTrue and its database functions. Nothing is repeated. Whatever keeps it from a proper answer is
/// an outage, never a refusal: also that it does not accept our key, for that is no fault of the user.
/// </summary>
internal sealed partial class GoTrueClient(IHttpClientFactory clients, IOptions<SupabaseOptions> options, ILogger<GoTrueClient> logger)
{
    internal const string Name = "supabase";

    private const string Dependency = "supabase";
    private const int MaxAnswer = 1024 * 1024;

    internal static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<GoTrueClient>();
        services.AddHttpClient(Name, static client =>
        {
            client.Timeout = TimeSpan.FromSeconds(5);
            client.MaxResponseContentBufferSize = MaxAnswer;
        }).ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AllowAutoRedirect = false,
            UseCookies = false,
        });
    }

    /// <param name="path">Below the project's address, such as <c>auth/v1/signup</c>.</param>
    /// <param name="body">Null for none.</param>
    /// <param name="userToken">In whose name; the project's own otherwise.</param>
    /// <exception cref="DependencyUnavailableException">The project does not answer properly.</exception>
    public Task<ProjectAnswer> PostAsync(string path, JsonObject? body, string? userToken, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Post, path, body, options.Value.AnonKey, userToken, cancellationToken);

    /// <exception cref="DependencyUnavailableException">The project does not answer properly.</exception>
    public Task<ProjectAnswer> UpdateUserAsync(JsonObject body, string userToken, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Put, "auth/v1/user", body, options.Value.AnonKey, userToken, cancellationToken);

    /// <summary>A function of the project's database.</summary>
    /// <exception cref="DependencyUnavailableException">The project does not answer properly.</exception>
    public Task<ProjectAnswer> CallFunctionAsync(string function, JsonObject arguments, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Post, $"rest/v1/rpc/{function}", arguments, options.Value.ServiceKey ?? options.Value.AnonKey, null, cancellationToken);

    /// <summary>Whether the project has confirmed that this address is the token's user's. Its tokens do not say so in a place that users cannot write to.</summary>
    /// <returns>False also without a project to ask.</returns>
    /// <exception cref="DependencyUnavailableException">The project does not answer properly.</exception>
    public async Task<bool> IsEmailConfirmedAsync(string userToken, string email, CancellationToken cancellationToken)
    {
        if (options.Value is not { Url: not null, AnonKey: { } key })
            return false;
        var answer = await CallAsync(HttpMethod.Get, "auth/v1/user", null, key, userToken, cancellationToken);
        return answer.IsSuccess && answer.Text("email_confirmed_at") is { Length: > 0 } && EmailAddress.Normalize(answer.Text("email")) == email;
    }

    /// <summary>The keys that the project signs its users' tokens with.</summary>
    /// <exception cref="DependencyUnavailableException">The project does not answer properly.</exception>
    public async Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken)
    {
        var answer = await CallAsync(HttpMethod.Get, "auth/v1/.well-known/jwks.json", null, options.Value.AnonKey, null, cancellationToken);
        try
        {
            return answer.IsSuccess ? new JsonWebKeySet(answer.Body.GetRawText()) : throw new DependencyUnavailableException(Dependency, new HttpRequestException($"Answered {answer.Status}"));
        }
        catch (ArgumentException exception)
        {
            throw new DependencyUnavailableException(Dependency, exception);
        }
    }

    private async Task<ProjectAnswer> CallAsync(
        HttpMethod method, string path, JsonObject? body, string? apiKey, string? userToken, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{options.Value.Url}/{path}"));
        if (apiKey is not null)
            request.Headers.TryAddWithoutValidation("apikey", apiKey);
        if ((userToken ?? apiKey) is { } bearer)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await clients.CreateClient(Name).SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var status = (int)response.StatusCode;
            if (status >= 500 || status is >= 300 and < 400)
                throw new HttpRequestException($"The project answered {status}", null, response.StatusCode);
            if (response.StatusCode == HttpStatusCode.Unauthorized && userToken is null)
            {
                LogKeyRefused(path);
                throw new HttpRequestException("The project refused the key", null, response.StatusCode);
            }

            return new ProjectAnswer(status, Parse(text), RetryAfter(response));
        }
        catch (Exception exception) when (
            exception is HttpRequestException or JsonException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DependencyUnavailableException(Dependency, exception);
        }
    }

    private static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(text) ? "{}" : text);
        return document.RootElement.Clone();
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Retry-After", out var values) && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    [LoggerMessage(LogLevel.Error, "The Supabase project refuses the key it is called with ({Path}): look at SUPABASE_ANON_KEY and SUPABASE_SERVICE_KEY")]
    private partial void LogKeyRefused(string path);
}

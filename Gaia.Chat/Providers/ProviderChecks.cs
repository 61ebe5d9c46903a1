using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Health;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Providers;

/// <summary>What a check of a provider found.</summary>
/// <param name="Error">A value of <see cref="ProviderException.ErrorType"/>; null when all is well.</param>
internal sealed record ProviderCheck(int ResponseMs, string? Error, DateTime At);

/// <summary>
/// Tries whether the providers can be reached and take this installation's key, by asking for their list of models: no prompt is
/// sent, and it costs nothing.
/// </summary>
internal sealed class ProviderChecks(ModelCatalogue catalogue, IOptions<ProviderSettings> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a check says something about a provider.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, ProviderCheck> _last = new(StringComparer.Ordinal);
    private readonly Coalesced<IReadOnlyList<string>> _checking = new(TimeSpan.FromSeconds(2), time);

    /// <summary>A redirect would carry the key to another host; what a server says is not read.</summary>
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = Timeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        ResponseDrainTimeout = TimeSpan.Zero,
    })
    { Timeout = System.Threading.Timeout.InfiniteTimeSpan };

    /// <summary>What the last check by this process found; null when there was none of late.</summary>
    public ProviderCheck? Last(string provider) =>
        _last.TryGetValue(provider, out var check) && time.GetNaiveUtcNow() - check.At < Lifetime ? check : null;

    /// <summary>Checks the providers that are configured, once for all who ask at the same time. Returns their names.</summary>
    public Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken) => _checking.GetAsync(
        async () =>
        {
            string[] providers = [.. ProviderNames.All.Where(catalogue.IsConfigured)];
            await Task.WhenAll(providers.Select(async provider => _last[provider] = await TryAsync(provider)));
            return providers;
        },
        cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<ProviderCheck> TryAsync(string provider)
    {
        var started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(Timeout, time);
        string? error = null;
        try
        {
            if (Request(provider) is { } request)
            {
                using (request)
                using (var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token))
                    error = Read((int)answer.StatusCode) is { } fault ? new ProviderException(fault, provider).ErrorType : null;
            }
        }
        catch (OperationCanceledException)
        {
            error = new ProviderException(ProviderFault.NoAnswer, provider).ErrorType;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or FormatException)
        {
            error = ProviderFaults.Read(exception, provider).ErrorType;
        }

        return new ProviderCheck((int)time.GetElapsedTime(started).TotalMilliseconds, error, time.GetNaiveUtcNow());
    }

    /// <summary>Servers of one's own need not have the list: that they answer is enough.</summary>
    private static ProviderFault? Read(int status) => status switch
    {
        401 or 402 or 403 => ProviderFault.CredentialsRefused,
        503 or 529 => ProviderFault.Overloaded,
        >= 500 => ProviderFault.ServerError,
        _ => null,
    };

    /// <summary>Null for the embedded provider, which is always there.</summary>
    private HttpRequestMessage? Request(string provider)
    {
        var settings = options.Value;
        switch (provider)
        {
            case ProviderNames.OpenAI:
                var openAI = new HttpRequestMessage(HttpMethod.Get, Address(settings.OpenAI.BaseUrl, "https://api.openai.com/v1", "models"));
                if (!string.IsNullOrWhiteSpace(settings.OpenAI.ApiKey))
                    openAI.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.OpenAI.ApiKey);
                return openAI;
            case ProviderNames.Anthropic:
                var anthropic = new HttpRequestMessage(HttpMethod.Get, Address(settings.Anthropic.BaseUrl, "https://api.anthropic.com", "v1/models"));
                anthropic.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
                if (!string.IsNullOrWhiteSpace(settings.Anthropic.ApiKey))
                    anthropic.Headers.TryAddWithoutValidation("x-api-key", settings.Anthropic.ApiKey);
                return anthropic;
            default:
                return null;
        }
    }

    private static Uri Address(string? baseUrl, string usual, string path) =>
        new($"{(string.IsNullOrWhiteSpace(baseUrl) ? usual : baseUrl).TrimEnd('/')}/{path}");
}

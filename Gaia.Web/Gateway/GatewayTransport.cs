using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gaia.ServiceDefaults.Http;
using Polly;

namespace Gaia.Web.Gateway;

/// <summary>Calls the gateway as one browser's client: with its address and the request's id.</summary>
internal sealed class GatewayTransport(IHttpClientFactory clients, IHttpContextAccessor requests)
{
    internal const string Client = "gateway-api";

    /// <summary>For answers that language models make.</summary>
    internal const string StreamClient = "gateway-stream";

    /// <summary>What a person is told of an outage.</summary>
    internal const string NoConnection = "Connection error. Please try again.";

    private const int MaxError = 64 * 1024;
    private const string Wrapped = "Service error: ";

    /// <summary>For the first word of an answer: a little longer than the gateway itself waits for it.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(125);

    /// <param name="bearer">In whose name; null in nobody's.</param>
    /// <param name="client"><see cref="Client"/> or <see cref="StreamClient"/>.</param>
    /// <returns>An answer below 400, read as far as its headers.</returns>
    /// <exception cref="GatewayException">The answer is a refusal.</exception>
    /// <exception cref="DependencyUnavailableException">There is no answer, or one that tells of an outage.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, GatewayBody? body, string? bearer, string client, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body?.ToContent() };
        if (bearer is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (body?.IdempotencyKey is { } key)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (requests.HttpContext is { } context)
        {
            request.Headers.TryAddWithoutValidation("X-Request-ID", context.TraceIdentifier);
            if (context.Connection.RemoteIpAddress is { } address)
                request.Headers.TryAddWithoutValidation("X-Forwarded-For", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        }

        HttpResponseMessage response;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            response = await clients.CreateClient(client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or ExecutionRejectedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DependencyUnavailableException("gateway", exception);
        }

        if ((int)response.StatusCode < StatusCodes.Status400BadRequest)
            return response;
        using (response)
        {
            var detail = await ReadDetailAsync(response, cancellationToken);
            throw response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
                ? new DependencyUnavailableException("gateway", new HttpRequestException(detail, null, response.StatusCode))
                : new GatewayException((int)response.StatusCode, detail);
        }
    }

    /// <summary>The same for an answer in JSON, read to its end.</summary>
    /// <exception cref="DependencyUnavailableException">There is no answer, or not such a one.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, GatewayBody? body, string? bearer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body, bearer, Client, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    /// <summary>What an answer says: one of another form tells of an outage.</summary>
    internal static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) is { } answer ? answer : throw new JsonException("The answer is null.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            throw new DependencyUnavailableException("gateway", exception);
        }
    }

    private static async Task<string> ReadDetailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxError, cancellationToken);
            return Unwrap(await response.Content.ReadAsStringAsync(cancellationToken)) ?? $"The request was refused ({(int)response.StatusCode})";
        }
        catch (HttpRequestException exception)
        {
            throw new DependencyUnavailableException("gateway", exception);
        }
    }

    /// <summary>The innermost words: the gateway wraps what a service said, and a service may name several mistakes.</summary>
    internal static string? Unwrap(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !(root.TryGetProperty("detail", out var detail) || root.TryGetProperty("error", out detail)))
                return null;
            return detail.ValueKind switch
            {
                JsonValueKind.String => Inner(detail.GetString()!),
                JsonValueKind.Array => string.Join(". ", detail.EnumerateArray()
                    .Select(static mistake => mistake is { ValueKind: JsonValueKind.Object } && mistake.TryGetProperty("msg", out var text) ? text.GetString() : null)
                    .Where(static text => !string.IsNullOrEmpty(text))),
                JsonValueKind.Object when detail.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String => message.GetString(),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }

        static string Inner(string detail) =>
            detail.StartsWith(Wrapped, StringComparison.Ordinal) ? Unwrap(detail[Wrapped.Length..]) ?? detail[Wrapped.Length..] : detail;
    }
}

using System.ClientModel;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Anthropic.Exceptions;
using Anthropic.Models;

namespace Gaia.Chat.Providers;

/// <summary>Reads what the providers' SDKs throw.</summary>
internal static class ProviderFaults
{
    public static ProviderException Read(Exception exception, string provider) => exception switch
    {
        ProviderException known => known,
        ClientResultException { Status: > 0 } openAI => new(FromStatus(openAI.Status), provider, RetryAfter(openAI), exception),
        AnthropicApiException anthropic => new(FromStatus((int)anthropic.StatusCode), provider, null, exception),
        AnthropicSseException sse => new(FromErrorType(sse.Type?.Value()), provider, null, exception),
        _ => new(FromCause(exception), provider, null, exception),
    };

    private static ProviderFault FromStatus(int status) => status switch
    {
        401 or 402 or 403 => ProviderFault.CredentialsRefused,
        408 or 504 => ProviderFault.NoAnswer,
        429 => ProviderFault.RateLimited,
        503 or 529 => ProviderFault.Overloaded,
        >= 500 => ProviderFault.ServerError,
        >= 400 => ProviderFault.RequestRejected,
        _ => ProviderFault.Malformed,
    };

    /// <summary>Anthropic reports a failure after the start of the stream as an event.</summary>
    private static ProviderFault FromErrorType(ErrorType? type) => type switch
    {
        ErrorType.OverloadedError => ProviderFault.Overloaded,
        ErrorType.RateLimitError => ProviderFault.RateLimited,
        ErrorType.TimeoutError => ProviderFault.NoAnswer,
        ErrorType.AuthenticationError or ErrorType.PermissionError or ErrorType.BillingError => ProviderFault.CredentialsRefused,
        ErrorType.InvalidRequestError or ErrorType.NotFoundError => ProviderFault.RequestRejected,
        _ => ProviderFault.ServerError,
    };

    private static ProviderFault FromCause(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpRequestException { StatusCode: { } status }:
                    return FromStatus((int)status);
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return ProviderFault.Cut;
                case HttpRequestException or SocketException:
                    return ProviderFault.Unreachable;
                case IOException:
                    return ProviderFault.Cut;
                case JsonException or FormatException or AnthropicInvalidDataException:
                    return ProviderFault.Malformed;
            }
        }

        // Whatever else an SDK throws while it reads an answer, it could not read it.
        return ProviderFault.Malformed;
    }

    private static TimeSpan? RetryAfter(ClientResultException exception) =>
        exception.GetRawResponse() is { } response
        && response.Headers.TryGetValue("Retry-After", out var value)
        && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3600))
            : null;
}

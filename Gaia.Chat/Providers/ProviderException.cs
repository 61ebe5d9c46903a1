using System.Globalization;

namespace Gaia.Chat.Providers;

/// <summary>What went wrong between Gaia and a provider.</summary>
public enum ProviderFault
{
    /// <summary>No connection.</summary>
    Unreachable,

    /// <summary>The first piece of the answer did not come in time.</summary>
    NoAnswer,

    /// <summary>The answer began and then stood still for too long.</summary>
    Stalled,

    /// <summary>The answer broke off before its end.</summary>
    Cut,

    /// <summary>Too many requests for the provider's liking.</summary>
    RateLimited,

    /// <summary>The provider has no capacity.</summary>
    Overloaded,

    /// <summary>The provider failed by itself.</summary>
    ServerError,

    /// <summary>The key is wrong, or may not do this.</summary>
    CredentialsRefused,

    /// <summary>The provider does not take the request as it is.</summary>
    RequestRejected,

    /// <summary>What came back is not what the protocol says.</summary>
    Malformed,
}

/// <summary>A provider failed. The message is fit for a client; nothing of the provider's own text is in it.</summary>
public sealed class ProviderException(ProviderFault fault, string provider, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(Describe(fault, provider, retryAfter), inner)
{
    public ProviderFault Fault { get; } = fault;

    /// <summary>How long the provider asks to wait, if it said so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>503 where trying again later may help, 502 where it will not.</summary>
    public int StatusCode => Fault switch
    {
        ProviderFault.Unreachable or ProviderFault.NoAnswer or ProviderFault.Stalled or ProviderFault.RateLimited or ProviderFault.Overloaded
            => StatusCodes.Status503ServiceUnavailable,
        ProviderFault.Cut or ProviderFault.ServerError or ProviderFault.CredentialsRefused or ProviderFault.RequestRejected or ProviderFault.Malformed
            => StatusCodes.Status502BadGateway,
    };

    /// <summary>The value of OpenTelemetry's <c>error.type</c>.</summary>
    public string ErrorType => Fault switch
    {
        ProviderFault.Unreachable => "unreachable",
        ProviderFault.NoAnswer => "timeout",
        ProviderFault.Stalled => "stalled",
        ProviderFault.Cut => "cut",
        ProviderFault.RateLimited => "rate_limited",
        ProviderFault.Overloaded => "overloaded",
        ProviderFault.ServerError => "server_error",
        ProviderFault.CredentialsRefused => "credentials_refused",
        ProviderFault.RequestRejected => "request_rejected",
        ProviderFault.Malformed => "malformed",
    };

    private static string Describe(ProviderFault fault, string provider, TimeSpan? retryAfter)
    {
        var later = retryAfter is { } wait
            ? string.Create(CultureInfo.InvariantCulture, $"try again in {Math.Ceiling(wait.TotalSeconds)} seconds")
            : "try again in a moment";
        return fault switch
        {
            ProviderFault.Unreachable => $"The model provider {provider} cannot be reached: {later}",
            ProviderFault.NoAnswer => $"The model provider {provider} did not answer in time: {later}",
            ProviderFault.Stalled => $"The model provider {provider} stopped in the middle of its answer: {later}",
            ProviderFault.Cut => $"The model provider {provider} broke off its answer: {later}",
            ProviderFault.RateLimited => $"The model provider {provider} takes no more requests for now: {later}",
            ProviderFault.Overloaded => $"The model provider {provider} is overloaded: {later}",
            ProviderFault.ServerError => $"The model provider {provider} failed: {later}",
            ProviderFault.CredentialsRefused => $"The model provider {provider} refuses this installation's key: its operator has to check it",
            ProviderFault.RequestRejected => $"The model provider {provider} rejected the request: choose another model, or send less text",
            ProviderFault.Malformed => $"The model provider {provider} sent an answer that cannot be read: {later}",
        };
    }
}

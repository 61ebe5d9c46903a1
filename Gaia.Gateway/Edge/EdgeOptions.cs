using System.ComponentModel.DataAnnotations;

namespace Gaia.Gateway.Edge;

internal sealed class EdgeOptions
{
    /// <summary>The largest request body, in bytes.</summary>
    [Range(1024, 1L << 30)]
    public long MaxRequestBodyBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>How long a service may take to begin its answer, in seconds; <c>GATEWAY_REQUEST_TIMEOUT</c>.</summary>
    [Range(1, 3600)]
    public int RequestTimeoutSeconds { get; init; } = 30;

    /// <summary>The same where a language model makes the answer. A stream that has begun has no limit.</summary>
    [Range(1, 3600)]
    public int AnswerTimeoutSeconds { get; init; } = 120;
}

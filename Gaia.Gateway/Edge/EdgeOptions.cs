using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gaia.Gateway.Edge;

internal sealed class EdgeOptions
{
    /// <summary>The largest request body, in bytes: the longest message for a model, a million characters, fits in escaped.</summary>
    [Range(1024, 1L << 30)]
    public long MaxRequestBodyBytes { get; init; } = 6 * 1024 * 1024;

    /// <summary>How long a service may take to begin its answer, in seconds; <c>GATEWAY_REQUEST_TIMEOUT</c>.</summary>
    [Range(1, 3600)]
    public int RequestTimeoutSeconds { get; init; } = 30;

    /// <summary>The same where a language model makes the answer. A stream that has begun has no limit.</summary>
    [Range(1, 3600)]
    public int AnswerTimeoutSeconds { get; init; } = 120;

    /// <summary>The largest method, target and version together, in bytes.</summary>
    [Range(512, 1 << 20)]
    public int MaxRequestLineBytes { get; init; } = 8 * 1024;

    /// <summary>All headers of a request together, in bytes.</summary>
    [Range(1024, 1 << 20)]
    public int MaxRequestHeaderBytes { get; init; } = 32 * 1024;

    [Range(10, 1000)]
    public int MaxRequestHeaders { get; init; } = 100;

    /// <summary>How long the headers of a request may take to arrive.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RequestHeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection may be idle between two requests.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// How fast a client must send a body, and read what is sent to it, in bytes a second. A stream that has nothing to say is not
    /// slow: only what waits to be read counts.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>How long a client may be slower than that.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan SlowClientGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections at once, at this process; no limit when absent.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxConnections { get; init; }

    internal void ApplyTo(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MaxRequestBodyBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = MaxRequestHeaderBytes;
        limits.MaxRequestHeaderCount = MaxRequestHeaders;
        limits.RequestHeadersTimeout = RequestHeadersTimeout;
        limits.KeepAliveTimeout = KeepAliveTimeout;
        limits.MinRequestBodyDataRate = limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, SlowClientGrace);
        limits.MaxConcurrentConnections = limits.MaxConcurrentUpgradedConnections = MaxConnections;
    }
}

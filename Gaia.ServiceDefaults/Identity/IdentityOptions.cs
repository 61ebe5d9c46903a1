using System.ComponentModel.DataAnnotations;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>How this process authenticates requests.</summary>
public sealed class IdentityOptions
{
    /// <summary>Whether internal tokens are taken from a request: by the services, never at the edge.</summary>
    public bool AcceptInternalTokens { get; set; } = true;

    /// <summary>
    /// <c>API_KEY</c> (configuration key <c>Auth:ApiKey</c>): a key of the operator's own form. Auth keeps it like any other
    /// key; whoever reads requests needs it only to know its form. 8 to 256 visible ASCII characters without quotes.
    /// </summary>
    [RegularExpression(@"\A[!#-&(-_a-~]{8,256}\z", ErrorMessage = "API_KEY must be 8 to 256 visible ASCII characters without quotes and spaces.")]
    public string? OperatorKey { get; set; }

    /// <summary>How long a credential counts without asking Auth again: the longest that a revocation can go unnoticed when NATS is away.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan FreshFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a refused credential is refused again without asking Auth.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan UnknownFor { get; set; } = TimeSpan.FromSeconds(10);
}

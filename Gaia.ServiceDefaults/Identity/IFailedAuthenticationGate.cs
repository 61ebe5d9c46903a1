using Microsoft.AspNetCore.Http;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// Stands in front of Auth where one is registered, and limits how many credentials a client may get wrong. Asked only for a
/// credential of which this process remembers nothing: what is known to be good goes on, what is known to be refused is refused.
/// </summary>
public interface IFailedAuthenticationGate
{
    /// <summary>Whether this client may try a credential. When it may, <see cref="LeaveAsync"/> follows.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="retryAfter">How long until it may.</param>
    bool TryEnter(HttpContext context, out TimeSpan retryAfter);

    /// <summary>The trial has ended. Completes when it is counted: a client that waits for its answer is told the truth at the next one.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="failed">Whether the credential was refused; an outage is no refusal.</param>
    ValueTask LeaveAsync(HttpContext context, bool failed);

    /// <summary>What to tell a client that may not try.</summary>
    string Describe(HttpContext context);
}

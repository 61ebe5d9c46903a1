using Microsoft.AspNetCore.Http;

namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>
/// A way in which a request proves which service makes it. A service token is one; the client certificate of mutual TLS
/// (<c>HttpContext.Connection.ClientCertificate</c>) would be another, registered beside it.
/// </summary>
public interface ICallingServiceProof
{
    /// <returns>The service's name in the model, such as <c>gateway</c>; null when the request proves nothing.</returns>
    /// <exception cref="Http.DependencyUnavailableException">It cannot be told now.</exception>
    ValueTask<string?> FindAsync(HttpContext context);
}

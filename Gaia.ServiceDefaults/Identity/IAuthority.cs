using Gaia.ServiceDefaults.Http;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>What the authentication of requests asks Auth: over HTTP everywhere but in Auth itself.</summary>
public interface IAuthority
{
    /// <summary>Verifies a credential and gives an internal token for it.</summary>
    /// <exception cref="DependencyUnavailableException">Auth, or what it needs, does not answer.</exception>
    Task<ExchangeResponse> ExchangeAsync(Credential credential, CancellationToken cancellationToken);

    /// <summary>The public keys of internal and service tokens.</summary>
    /// <exception cref="DependencyUnavailableException">Auth, or what it needs, does not answer.</exception>
    Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken);
}

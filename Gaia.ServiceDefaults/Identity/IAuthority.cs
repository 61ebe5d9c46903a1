using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
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

    /// <summary>All that a user may do.</summary>
    /// <param name="userId">Whose; of an unknown user nothing is known, so nothing is allowed.</param>
    /// <param name="keyRoles">Roles that the credential adds to the user's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DependencyUnavailableException">Auth, or what it needs, does not answer.</exception>
    Task<UserPermissions> GetPermissionsAsync(Guid userId, IReadOnlyList<string> keyRoles, CancellationToken cancellationToken);
}

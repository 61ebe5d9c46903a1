using Gaia.Auth.Access;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Internal;

/// <summary>Auth authenticates its own requests as every service does, and asks itself.</summary>
internal sealed class OwnAuthority(IServiceScopeFactory scopes, SigningKeys keys) : IAuthority
{
    public async Task<ExchangeResponse> ExchangeAsync(Credential credential, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var exchange = scope.ServiceProvider.GetRequiredService<CredentialExchange>();
        try
        {
            return await exchange.ExchangeAsync(
                credential.Kind == CredentialKind.Jwt ? new ExchangeRequest(Token: credential.Value) : new ExchangeRequest(ApiKey: credential.Value),
                cancellationToken);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            throw new DependencyUnavailableException("database", exception);
        }
    }

    public async Task<UserPermissions> GetPermissionsAsync(Guid userId, IReadOnlyList<string> keyRoles, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            return await scope.ServiceProvider.GetRequiredService<AccessReader>().ReadAsync(userId, keyRoles, cancellationToken);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            throw new DependencyUnavailableException("database", exception);
        }
    }

    public Task<JsonWebKeySet> GetKeysAsync(CancellationToken cancellationToken)
    {
        var set = new JsonWebKeySet();
        foreach (var key in keys.PublicKeys.Keys)
            set.Keys.Add(new JsonWebKey { Kty = key.Kty, Crv = key.Crv, Kid = key.Kid, X = key.X, Y = key.Y, Use = key.Use, Alg = key.Alg });
        return Task.FromResult(set);
    }
}

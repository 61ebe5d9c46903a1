using Gaia.ServiceDefaults.Events;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>Drops revoked credentials as soon as Auth says so.</summary>
internal sealed class RevocationConsumer(CredentialAuthenticator authenticator) : IEventConsumer<CredentialsRevokedEvent>
{
    public Task HandleAsync(CredentialsRevokedEvent value, CancellationToken cancellationToken) => authenticator.ForgetAsync(value.CredentialHashes);
}

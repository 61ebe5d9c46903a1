using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// Knows the caller of a request by what this process remembers of its credential. The authentication scheme comes to the same, at
/// several times the cost.
/// </summary>
internal sealed class RememberedCallers(CredentialAuthenticator authenticator, IOptions<IdentityOptions> options)
{
    /// <returns>False for a request that the authentication scheme has to look at.</returns>
    public bool TryRecall(HttpContext context)
    {
        if (!GaiaAuthenticationHandler.Concerns(context)
            || CredentialExtractor.Extract(context.Request.Headers, options.Value.OperatorKey).First is not { } credential
            || authenticator.Recall(credential, out var principal) != Recollection.Good)
            return false;
        context.User = principal!;
        return true;
    }
}

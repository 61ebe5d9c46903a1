using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Users;

/// <summary>The user's token of a request to an endpoint that does not ask for one.</summary>
internal static class BearerToken
{
    public static string? Of(HttpRequest request) =>
        CredentialExtractor.Extract(request.Headers) switch
        {
            { First: { Kind: CredentialKind.Jwt } first } => first.Value,
            { Second: { Kind: CredentialKind.Jwt } second } => second.Value,
            _ => null,
        };
}

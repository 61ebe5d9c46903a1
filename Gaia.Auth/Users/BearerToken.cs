using System.Text;
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

    /// <summary>Whether what was sent as a credential can be none, of whatever kind: all of them are ASCII.</summary>
    public static bool IsGarbled(HttpRequest request) =>
        !Ascii.IsValid(request.Headers.Authorization.ToString()) || !Ascii.IsValid(request.Headers[CredentialExtractor.ApiKeyHeader].ToString());
}

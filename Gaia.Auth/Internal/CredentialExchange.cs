using Gaia.Auth.ApiKeys;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Internal;

/// <summary>Verifies one credential and gives an internal token for it.</summary>
public sealed class CredentialExchange(ApiKeyVerifier keys, InternalTokenIssuer tokens)
{
    private static readonly ExchangeResponse NothingPresented = new(Valid: false, Error: "No valid authentication credentials provided");
    private static readonly ExchangeResponse RefusedKey = new(Valid: false, Error: "Invalid API key");
    private static readonly ExchangeResponse RefusedToken = new(Valid: false, Error: "Invalid or expired token");

    public async Task<ExchangeResponse> ExchangeAsync(ExchangeRequest request, CancellationToken cancellationToken) => request switch
    {
        // No issuer of user tokens is configured yet, so that none can be valid.
        { Token: { Length: > 0 } } => RefusedToken,
        { ApiKey: { Length: > 0 } key } => await keys.VerifyAsync(key, cancellationToken) is { } verified ? Exchange(verified) : RefusedKey,
        _ => NothingPresented,
    };

    private ExchangeResponse Exchange(VerifiedApiKey key) =>
        Exchange(
            new Caller(key.UserId, key.Email, "user_api_key", key.KeyId, Roles: [], key.Scopes, TeamIds: [], WorkspaceIds: []) { RateLimit = key.RateLimit },
            key.ExpiresAt);

    private ExchangeResponse Exchange(Caller caller, DateTimeOffset? notAfter)
    {
        var token = tokens.Issue(caller, notAfter);
        return new ExchangeResponse(
            Valid: true, caller.AuthType, caller.UserId, caller.ApiKeyId, caller.Email, caller.Scopes, token.Value, token.ExpiresAt);
    }
}

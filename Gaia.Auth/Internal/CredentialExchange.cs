using Gaia.Auth.Access;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Sessions;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Internal;

/// <summary>Verifies one credential and gives an internal token for it.</summary>
internal sealed class CredentialExchange(ApiKeyVerifier keys, AccessTokenVerifier users, AccessReader access, InternalTokenIssuer tokens)
{
    private static readonly ExchangeResponse NothingPresented = new(Valid: false, Error: "No valid authentication credentials provided");
    private static readonly ExchangeResponse RefusedKey = new(Valid: false, Error: "Invalid API key");
    private static readonly ExchangeResponse RefusedToken = new(Valid: false, Error: "Invalid or expired token");

    public async Task<ExchangeResponse> ExchangeAsync(ExchangeRequest request, CancellationToken cancellationToken) => request switch
    {
        { Token: { Length: > 0 } token } => await users.VerifyAsync(token, cancellationToken) is { } user
            && await DescribeAsync(user, cancellationToken) is { } caller ? Exchange(caller, user.ExpiresAt) : RefusedToken,
        { ApiKey: { Length: > 0 } key } => await keys.VerifyAsync(key, cancellationToken) is { } verified
            && await DescribeAsync(verified, cancellationToken) is { } caller ? Exchange(caller, verified.ExpiresAt) : RefusedKey,
        _ => NothingPresented,
    };

    /// <summary>A token that was given for an API key is limited as the key is, may what the key may, and ends with it.</summary>
    private Task<Caller?> DescribeAsync(VerifiedUser user, CancellationToken cancellationToken) => DescribeAsync(
        new Caller(user.UserId, user.Email, "jwt", user.ApiKey?.KeyId, Roles: [], user.ApiKey?.Scopes ?? [], TeamIds: [], WorkspaceIds: [])
        {
            SessionId = user.SessionId,
            RateLimit = user.ApiKey?.RateLimit,
        },
        user.ApiKey?.Access, user.ApiKey?.KeyRoles ?? [], cancellationToken);

    private Task<Caller?> DescribeAsync(VerifiedApiKey key, CancellationToken cancellationToken) => DescribeAsync(
        new Caller(key.UserId, key.Email, "user_api_key", key.KeyId, Roles: [], key.Scopes, TeamIds: [], WorkspaceIds: []) { RateLimit = key.RateLimit },
        key.Access, key.KeyRoles, cancellationToken);

    /// <returns>Null when the user is disabled.</returns>
    private async Task<Caller?> DescribeAsync(Caller caller, AccessSummary? known, IReadOnlyList<string> keyRoles, CancellationToken cancellationToken) =>
        (known ?? await access.SummariseAsync(caller.UserId, cancellationToken))?.AddTo(caller, keyRoles);

    private ExchangeResponse Exchange(Caller caller, DateTimeOffset? notAfter)
    {
        var token = tokens.Issue(caller, notAfter);
        return new ExchangeResponse(
            Valid: true, caller.AuthType, caller.UserId, caller.ApiKeyId, caller.Email, caller.Scopes, token.Value, token.ExpiresAt);
    }
}

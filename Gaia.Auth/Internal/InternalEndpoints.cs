using Gaia.Auth.ApiKeys;
using Gaia.Auth.Tokens;
using Gaia.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Internal;

/// <summary>For the other services alone: the gateway routes nothing here.</summary>
internal static class InternalEndpoints
{
    private static readonly ExchangeResponse NothingPresented = new(Valid: false, Error: "No valid authentication credentials provided");
    private static readonly ExchangeResponse RefusedKey = new(Valid: false, Error: "Invalid API key");
    private static readonly ExchangeResponse RefusedToken = new(Valid: false, Error: "Invalid or expired token");

    internal static void MapInternal(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/validate", ValidateAsync).AllowAnonymous().ExcludeFromDescription();

    /// <summary>Verifies one credential and gives an internal token for it. An outage is a 503, so that nobody takes it for a refusal.</summary>
    private static async Task<JsonHttpResult<ExchangeResponse>> ValidateAsync(
        ExchangeRequest request, ApiKeyVerifier keys, InternalTokenIssuer tokens, CancellationToken cancellationToken)
    {
        var response = request switch
        {
            // No issuer of user tokens is configured yet, so that none can be valid.
            { Token: { Length: > 0 } } => RefusedToken,
            { ApiKey: { Length: > 0 } key } => await keys.VerifyAsync(key, cancellationToken) is { } verified ? Exchange(verified, tokens) : RefusedKey,
            _ => NothingPresented,
        };
        return TypedResults.Json(response, IdentityJson.Default.ExchangeResponse);
    }

    private static ExchangeResponse Exchange(VerifiedApiKey key, InternalTokenIssuer tokens)
    {
        var caller = new Caller(key.UserId, key.Email, "user_api_key", key.KeyId, Roles: [], key.Scopes, TeamIds: [], WorkspaceIds: []);
        var token = tokens.Issue(caller, key.ExpiresAt);
        return new ExchangeResponse(
            Valid: true, caller.AuthType, caller.UserId, caller.ApiKeyId, caller.Email, caller.Scopes, token.Value, token.ExpiresAt);
    }
}

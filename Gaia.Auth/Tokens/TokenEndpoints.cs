using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Tokens;

internal static class TokenEndpoints
{
    internal static void MapTokens(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/.well-known/jwks.json", GetKeys).AllowAnonymous();

    private static JsonHttpResult<JsonWebKeyDocument> GetKeys(SigningKeys keys) =>
        TypedResults.Json(keys.PublicKeys, TokensJson.Default.JsonWebKeyDocument, "application/jwk-set+json");
}

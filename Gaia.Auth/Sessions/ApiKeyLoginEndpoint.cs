using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Auth.ApiKeys;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Sessions;

/// <summary>A user's token of fifteen minutes for an API key, for clients that can only send tokens. It ends with the key.</summary>
internal static class ApiKeyLoginEndpoint
{
    internal static void MapApiKeyLogin(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/auth/api-key-login", LoginAsync).AllowAnonymous().WithTags(UserEndpoints.Tag).WithSummary("Exchange an API key for an access token")
            .Produces<ApiKeyLoginBody>().Produces<ErrorBody>(401).Produces<ValidationErrorBody>(422);

    private static async Task<Results<JsonHttpResult<ApiKeyLoginBody>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> LoginAsync(
        HttpRequest request, ApiKeyVerifier keys, AccessTokenIssuer tokens, AuthDbContext db, AccountEvents events, CancellationToken cancellationToken)
    {
        var header = request.Headers[CredentialExtractor.ApiKeyHeader];
        if (header.Count == 0)
            return LegacyResults.Invalid("missing", "Field required", "header", "x-api-key");
        if (header is not [{ Length: > 0 } key] || await keys.VerifyAsync(key.Trim(), cancellationToken) is not { } verified)
        {
            events.ValidationFailed();
            return LegacyResults.Error(StatusCodes.Status401Unauthorized, "Invalid API key");
        }

        var issued = tokens.IssueForApiKey(verified.UserId, verified.Email, "user_api_key", verified.Hash);
        db.AccessTokens.Add(issued.Row);
        await db.SaveChangesAsync(cancellationToken);
        await events.LoggedInAsync(verified.UserId, cancellationToken);
        return TypedResults.Json(
            new ApiKeyLoginBody(issued.Value, "bearer", (int)AccessTokenIssuer.ApiKeyTokenLifetime.TotalSeconds, new ApiKeyLoginUser(verified.UserId, verified.Email)), ApiKeyLoginJson.Readable.ApiKeyLoginBody);
    }
}

/// <param name="ExpiresIn">Seconds.</param>
internal sealed record ApiKeyLoginBody(string AccessToken, string TokenType, int ExpiresIn, ApiKeyLoginUser User)
{
    /// <summary>Without the token, for it must not reach a log.</summary>
    public override string ToString() => nameof(ApiKeyLoginBody);
}

internal sealed record ApiKeyLoginUser(Guid Id, string? Email);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ApiKeyLoginBody))]
internal sealed partial class ApiKeyLoginJson : JsonSerializerContext
{
    public static ApiKeyLoginJson Readable => field ??= new(Default.Readable());
}

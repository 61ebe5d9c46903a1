using Gaia.Auth.ApiKeys;
using Gaia.Auth.Sessions;
using Gaia.ServiceDefaults.Identity.Services;

namespace Gaia.Auth.Users;

internal static class ValidationEndpoint
{
    private const int MaxToken = 8192;

    private static readonly ValidationBody Nothing = new(Valid: false, "none", null, "No valid authentication credentials provided");

    /// <summary>Tries the token as a user's, then as a service's, then the API key. Whatever does not count gives the same answer.</summary>
    internal static async Task<IResult> ValidateAsync(
        HttpContext http, AccessTokenVerifier tokens, ApiKeyVerifier keys, AccountEvents events, CancellationToken cancellationToken)
    {
        var fields = await Fields.ReadAsync(http.Request, [], ["token", "api_key"], cancellationToken);
        if (fields.Mistake is { } mistake)
            return mistake;
        var body = await FindAsync(fields["token"], fields["api_key"], tokens, keys, cancellationToken) ?? Nothing;
        if (!body.Valid)
        {
            events.ValidationFailed();
            // The status says nothing of it, and who guesses at credentials here must not be better off than elsewhere.
            if (fields["token"].Length > 0 || fields["api_key"].Length > 0)
                http.Response.Headers[ServiceHeaders.CredentialRefused] = "true";
        }

        return TypedResults.Json(body, UserJson.Readable.ValidationBody);
    }

    private static async Task<ValidationBody?> FindAsync(
        string token, string key, AccessTokenVerifier tokens, ApiKeyVerifier keys, CancellationToken cancellationToken)
    {
        if (token.Length is > 0 and <= MaxToken && token.AsSpan().Count('.') == 2)
        {
            if (await tokens.VerifyAsync(token, cancellationToken) is { } user)
                return new ValidationBody(Valid: true, "jwt", user.UserId.ToString(), null);
            if (await tokens.FindServiceAsync(token) is { } service)
                return new ValidationBody(Valid: true, "service_jwt", $"service:{service}", null);
        }

        return key.Length > 0 && await keys.VerifyAsync(key, cancellationToken) is { } verified
            ? new ValidationBody(Valid: true, "api_key", verified.UserId.ToString(), null)
            : null;
    }
}

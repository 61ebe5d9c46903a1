using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>What a request presented, in the order to try it.</summary>
/// <param name="First">Null when nothing usable was presented.</param>
/// <param name="Second">What counts when the first is refused.</param>
/// <param name="HasApiKey">An API key was presented, of an accepted form or not: a refusal then speaks of credentials.</param>
public readonly record struct PresentedCredentials(Credential? First, Credential? Second, bool HasApiKey);

/// <summary>
/// The one place that reads credentials from a request. <c>Authorization: Bearer</c> and <c>X-API-Key</c> follow the same
/// rules: a value with exactly two dots is a JWT, any other an API key; a JWT goes before an API key, and the bearer value
/// before <c>X-API-Key</c>. What matches no accepted form is refused here, before any I/O; so is a header given twice.
/// </summary>
public static class CredentialExtractor
{
    public const string ApiKeyHeader = "X-API-Key";

    private const string Bearer = "Bearer";
    private const int MaxJwtLength = 8192;

    private static readonly SearchValues<char> JwtCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <param name="headers">The request's headers.</param>
    /// <param name="operatorKey">A key that the operator configured, accepted whatever its form.</param>
    public static PresentedCredentials Extract(IHeaderDictionary headers, string? operatorKey = null)
    {
        var authorization = headers.Authorization;
        var apiKey = headers[ApiKeyHeader];
        if (authorization.Count > 1 || apiKey.Count > 1)
            return new PresentedCredentials(null, null, HasApiKey: true);

        var hasApiKey = false;
        var bearer = Read(BearerValue(authorization), operatorKey, ref hasApiKey);
        var header = Read(apiKey.ToString().AsSpan().Trim(' '), operatorKey, ref hasApiKey);
        return bearer is null || (bearer.Value.Kind == CredentialKind.ApiKey && header?.Kind == CredentialKind.Jwt)
            ? new PresentedCredentials(header, bearer, hasApiKey)
            : new PresentedCredentials(bearer, header, hasApiKey);
    }

    private static ReadOnlySpan<char> BearerValue(StringValues authorization)
    {
        var value = authorization.ToString().AsSpan().Trim(' ');
        return value.Length > Bearer.Length && value[Bearer.Length] == ' ' && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? value[Bearer.Length..].Trim(' ')
            : default;
    }

    private static Credential? Read(ReadOnlySpan<char> value, string? operatorKey, ref bool hasApiKey)
    {
        if (value.IsEmpty)
            return null;
        if (value.Count('.') == 2 && !IsOperatorKey(value, operatorKey))
            return IsJwt(value) ? new Credential(CredentialKind.Jwt, value.ToString()) : null;

        hasApiKey = true;
        return ApiKeyFormat.IsAccepted(value) || IsOperatorKey(value, operatorKey)
            ? new Credential(CredentialKind.ApiKey, value.ToString())
            : null;
    }

    /// <summary>Three parts, none empty: the form alone shuts out an unsigned token.</summary>
    private static bool IsJwt(ReadOnlySpan<char> value) =>
        value.Length <= MaxJwtLength
        && value[0] != '.' && value[^1] != '.' && !value.Contains("..", StringComparison.Ordinal)
        && !value.ContainsAnyExcept(JwtCharacters);

    private static bool IsOperatorKey(ReadOnlySpan<char> value, string? operatorKey) =>
        operatorKey is not null && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(value), MemoryMarshal.AsBytes(operatorKey.AsSpan()));
}

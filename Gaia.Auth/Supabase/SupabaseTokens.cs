using System.Text;
using System.Text.Json;
using Gaia.Auth.Sessions;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Supabase;

/// <summary>What a token of the project says that was found to be genuine.</summary>
/// <param name="Email">In its normal form; whether it is confirmed is not known from this.</param>
internal sealed record SupabaseToken(Guid Subject, string? Email, string? Name, Guid? SessionId, DateTimeOffset ExpiresAt);

/// <summary>
/// Verifies the access tokens of a Supabase project: ES256 and RS256 by its published keys, HS256 by its secret and only when
/// that is configured. The algorithm decides on the kind of key, never the other way round.
/// </summary>
internal sealed class SupabaseTokens(SupabaseKeys keys, IOptions<SupabaseOptions> options, TimeProvider time)
{
    private const int MaxName = 255;

    /// <summary>For the clocks of two machines.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    private readonly SymmetricSecurityKey? _secret = options.Value.JwtSecret is { } secret ? new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)) : null;

    /// <param name="token">Decoded, not trusted.</param>
    /// <param name="acceptExpired">For logging out.</param>
    /// <param name="cancellationToken">Ends the wait for the project's keys.</param>
    /// <returns>Null when it is none of the project's, or does not count.</returns>
    /// <exception cref="DependencyUnavailableException">Its key is not known here and the project does not answer.</exception>
    public async Task<SupabaseToken?> VerifyAsync(JsonWebToken token, bool acceptExpired, CancellationToken cancellationToken)
    {
        if (await FindKeyAsync(token, cancellationToken) is not { } key)
            return null;
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [token.Alg],
            IssuerSigningKey = key,
            ValidAudience = AccessTokenIssuer.Audience,
            ValidateIssuer = false,
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires, acceptExpired),
        });
        if (!result.IsValid || !IsExpectedIssuer(token) || !Guid.TryParse(token.Subject, out var subject))
            return null;
        return new SupabaseToken(
            subject,
            EmailAddress.Normalize(Text(token, "email")),
            NameOf(token),
            Guid.TryParse(Text(token, AccessTokenIssuer.SessionIdClaim), out var sessionId) ? sessionId : null,
            new DateTimeOffset(token.ValidTo, TimeSpan.Zero));
    }

    private async ValueTask<SecurityKey?> FindKeyAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        switch (token.Alg)
        {
            case SecurityAlgorithms.HmacSha256:
                return _secret;
            case SecurityAlgorithms.EcdsaSha256 or SecurityAlgorithms.RsaSha256 when options.Value.Url is not null && !string.IsNullOrEmpty(token.Kid) && IsExpectedIssuer(token):
                var key = await keys.FindAsync(token.Kid, cancellationToken);
                return token.Alg switch
                {
                    SecurityAlgorithms.EcdsaSha256 when key is { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve, Crv: JsonWebKeyECTypes.P256 } => key,
                    SecurityAlgorithms.RsaSha256 when key is { Kty: JsonWebAlgorithmsKeyTypes.RSA } => key,
                    _ => null,
                };
            default:
                return null;
        }
    }

    /// <summary>
    /// Published keys are the project's, and so must be the issuer. The secret says enough by itself: the tokens that the legacy
    /// system made with it name no issuer, or the project's bare address.
    /// </summary>
    private bool IsExpectedIssuer(JsonWebToken token)
    {
        if (options.Value.Url is not { } url)
            return token.Alg == SecurityAlgorithms.HmacSha256;
        return token.Issuer == options.Value.Issuer
            || (token.Alg == SecurityAlgorithms.HmacSha256 && (string.IsNullOrEmpty(token.Issuer) || token.Issuer == url));
    }

    private bool IsCurrent(DateTime? notBefore, DateTime? expires, bool acceptExpired)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is not null && (acceptExpired || now < expires + ClockSkew) && !(notBefore > now + ClockSkew);
    }

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private static string? NameOf(JsonWebToken token) =>
        token.TryGetPayloadValue<JsonElement>("user_metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
        && name.GetString() is { Length: > 0 and <= MaxName } text && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : null;
}

using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Tokens;

/// <param name="Value">The encoded token; never to be logged.</param>
/// <param name="ExpiresAt">When it ends.</param>
public readonly record struct InternalToken(string Value, DateTimeOffset ExpiresAt)
{
    public override string ToString() => nameof(InternalToken);
}

/// <summary>Makes the tokens that the other services accept in place of a credential.</summary>
public sealed class InternalTokenIssuer(SigningKeys keys, IOptions<AuthOptions> options, TimeProvider time)
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <param name="caller">Whom the token stands for.</param>
    /// <param name="notAfter">When the credential ends that it is given for, where that is known.</param>
    public InternalToken Issue(Caller caller, DateTimeOffset? notAfter)
    {
        var now = time.GetUtcNow();
        var expiresAt = now + options.Value.TokenLifetime;
        if (notAfter < expiresAt)
            expiresAt = notAfter.Value;
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = InternalTokenClaims.Issuer,
            Audience = InternalTokenClaims.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Claims = ClaimsOf(caller),
            SigningCredentials = keys.Current,
        });
        // The token counts whole seconds.
        return new InternalToken(token, DateTimeOffset.FromUnixTimeSeconds(expiresAt.ToUnixTimeSeconds()));
    }

    private static Dictionary<string, object> ClaimsOf(Caller caller)
    {
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [InternalTokenClaims.Subject] = caller.UserId.ToString(),
            [InternalTokenClaims.AuthType] = caller.AuthType,
            [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
        };
        if (caller.Email is { } email)
            claims[InternalTokenClaims.Email] = email;
        if (caller.ApiKeyId is { } keyId)
            claims[InternalTokenClaims.ApiKeyId] = keyId.ToString();
        if (caller.SessionId is { } sessionId)
            claims[InternalTokenClaims.SessionId] = sessionId.ToString();
        if (caller.RateLimit is { } limit)
            claims[InternalTokenClaims.RateLimit] = limit.ToString();
        AddList(claims, InternalTokenClaims.Roles, caller.Roles);
        AddList(claims, InternalTokenClaims.KeyRoles, caller.KeyRoles);
        AddList(claims, InternalTokenClaims.Scopes, caller.Scopes);
        AddList(claims, InternalTokenClaims.TeamIds, caller.TeamIds);
        AddList(claims, InternalTokenClaims.WorkspaceIds, caller.WorkspaceIds);
        return claims;
    }

    private static void AddList(Dictionary<string, object> claims, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
            claims[name] = values.ToArray();
    }
}

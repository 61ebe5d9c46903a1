using System.Text;
using System.Text.Json;
using Gaia.Auth.Supabase;
using Gaia.Auth.Tokens;
using Gaia.Auth.Users;
using Gaia.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.Auth.Sessions;

/// <param name="Value">The encoded token; never to be logged.</param>
/// <param name="Row">To be saved, for the token to count.</param>
internal sealed record IssuedAccessToken(string Value, AccessToken Row)
{
    public override string ToString() => nameof(IssuedAccessToken);
}

/// <summary>Makes the access tokens of users, with the claims that GoTrue gives its own.</summary>
internal sealed class AccessTokenIssuer(
    SigningKeys keys, IOptions<AccountOptions> accounts, IOptions<SupabaseOptions> supabase, TimeProvider time)
{
    internal const string SessionIdClaim = "session_id";
    internal const string Audience = "authenticated";

    /// <summary>What the contract says of the tokens that are given for API keys, when no project is configured.</summary>
    private const string LegacyIssuer = "https://gaia-platform.supabase.co";

    internal static readonly TimeSpan ApiKeyTokenLifetime = TimeSpan.FromMinutes(15);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A token of a session.</summary>
    public IssuedAccessToken Issue(GoTrueUser user, Guid sessionId)
    {
        var now = time.GetUtcNow();
        return Issue(user.Id, sessionId, apiKeyHash: null, now, accounts.Value.AccessTokenLifetime, accounts.Value.Issuer, keys.Current, new(StringComparer.Ordinal)
        {
            ["email"] = user.Email,
            ["phone"] = user.Phone,
            ["role"] = user.Role,
            ["app_metadata"] = JsonSerializer.SerializeToElement(user.AppMetadata, GoTrueJson.Default.GoTrueAppMetadata),
            ["user_metadata"] = JsonSerializer.SerializeToElement(user.UserMetadata, GoTrueJson.Default.GoTrueUserMetadata),
            ["aal"] = "aal1",
            [SessionIdClaim] = sessionId.ToString(),
            ["is_anonymous"] = false,
        });
    }

    /// <summary>
    /// A token of 15 minutes for an API key. Signed as legacy parts expect it where they have the secret to verify it with, and as
    /// every other token of ours otherwise.
    /// </summary>
    public IssuedAccessToken IssueForApiKey(Guid userId, string? email, string authType, string apiKeyHash)
    {
        var (issuer, credentials) = supabase.Value.JwtSecret is { } secret
            ? (supabase.Value.Url ?? LegacyIssuer, new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), SecurityAlgorithms.HmacSha256))
            : (accounts.Value.Issuer, keys.Current);
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["role"] = GoTrueUser.Authenticated,
            ["user_id"] = userId.ToString(),
            ["user_metadata"] = JsonSerializer.SerializeToElement(new ApiKeyTokenMetadata("api_key_exchange", authType), SessionJson.Default.ApiKeyTokenMetadata),
        };
        if (email is not null)
            claims["email"] = email;
        return Issue(userId, sessionId: null, apiKeyHash, time.GetUtcNow(), ApiKeyTokenLifetime, issuer, credentials, claims);
    }

    private IssuedAccessToken Issue(
        Guid userId,
        Guid? sessionId,
        string? apiKeyHash,
        DateTimeOffset now,
        TimeSpan lifetime,
        string issuer,
        SigningCredentials credentials,
        Dictionary<string, object> claims)
    {
        claims[JwtRegisteredClaimNames.Sub] = userId.ToString();
        claims[JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N");
        // The token counts whole seconds.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        var token = _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            Expires = expiresAt.UtcDateTime,
            Claims = claims,
            SigningCredentials = credentials,
        });
        return new IssuedAccessToken(token, new AccessToken
        {
            TokenHash = Credential.Hash(token),
            UserId = userId,
            SessionId = sessionId,
            ApiKeyHash = apiKeyHash,
            ExpiresAt = expiresAt,
        });
    }
}

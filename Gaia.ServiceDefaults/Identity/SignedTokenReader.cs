using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>Verifies the tokens that Auth signs for the services, each once.</summary>
internal sealed class SignedTokenReader(InternalTokenKeys keys, TimeProvider time) : IDisposable
{
    private const int MaxTokens = 20_000;

    /// <summary>For the clocks of two machines.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly MemoryCache _verified = new(new MemoryCacheOptions { SizeLimit = MaxTokens, CompactionPercentage = 0.1 });

    /// <returns>The token; null when it is not a valid one of this issuer for this audience.</returns>
    /// <exception cref="DependencyUnavailableException">The key that signed it is not known here and Auth does not answer.</exception>
    public async ValueTask<JsonWebToken?> ReadAsync(string token, string issuer, string audience, CancellationToken cancellationToken)
    {
        var hash = Credential.Hash(token);
        if (_verified.TryGetValue(hash, out var found) && found is Verified known && known.Token.Issuer == issuer && known.Audience == audience && IsCurrent(known.Token.ValidFrom, known.Token.ValidTo))
            return known.Token;

        if (Parse(token) is not { Alg: SecurityAlgorithms.EcdsaSha256, Kid: { Length: > 0 } keyId } unverified
            || unverified.Issuer != issuer
            || await keys.FindAsync(keyId, cancellationToken) is not { } key)
        {
            return null;
        }

        var result = await _handler.ValidateTokenAsync(unverified, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = key,
            LifetimeValidator = (notBefore, expires, _, _) => expires is not null && IsCurrent(notBefore, expires.Value),
        });
        if (!result.IsValid)
            return null;
        _verified.Set(hash, new Verified(unverified, audience), new MemoryCacheEntryOptions
        {
            AbsoluteExpiration = new DateTimeOffset(unverified.ValidTo, TimeSpan.Zero) + ClockSkew,
            Size = 1,
        });
        return unverified;
    }

    /// <summary>Reads what a token says. Proves nothing.</summary>
    public static JsonWebToken? Parse(string token)
    {
        try
        {
            return new JsonWebToken(token);
        }
        catch (ArgumentException)
        {
            // The library's word for a token that is not one.
            return null;
        }
    }

    public void Dispose() => _verified.Dispose();

    private bool IsCurrent(DateTime? notBefore, DateTime expires)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now < expires + ClockSkew && !(notBefore > now + ClockSkew);
    }

    /// <param name="Audience">The one that the token was found to be for.</param>
    private sealed record Verified(JsonWebToken Token, string Audience);
}

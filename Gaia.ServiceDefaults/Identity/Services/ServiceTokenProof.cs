using Microsoft.AspNetCore.Http;

namespace Gaia.ServiceDefaults.Identity.Services;

/// <summary>The service token in its own header, or as the bearer value of a request that has no user.</summary>
internal sealed class ServiceTokenProof(SignedTokenReader tokens) : ICallingServiceProof
{
    private const string Bearer = "Bearer ";

    public async ValueTask<string?> FindAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var shown = headers[ServiceHeaders.Token];
        var value = shown is [{ Length: > 0 } own] ? own
            : headers.Authorization is [{ } bearer] && bearer.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? bearer[Bearer.Length..]
            : null;
        return value is not null
            && await tokens.ReadAsync(value, ServiceTokenClaims.Issuer, ServiceTokenClaims.Audience, context.RequestAborted) is { Subject: { Length: > 0 } name }
            ? name
            : null;
    }
}

using System.Security.Claims;
using System.Text.Encodings.Web;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>
/// The authentication of the gateway and of every service. A request for an endpoint that allows anonymous callers is not
/// authenticated at all, whatever it presents: no I/O, and no outage can fail it.
/// </summary>
internal sealed class GaiaAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    CredentialAuthenticator authenticator,
    IOptions<IdentityOptions> options,
    IFailedAuthenticationGate? gate = null) : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, loggers, encoder)
{
    internal const string NotAuthenticated = "Not authenticated. Provide a valid JWT or API Key.";
    internal const string NotValidated = "Could not validate credentials";
    internal const string NotAllowed = "Not enough permissions";

    private string _detail = NotAuthenticated;
    private TimeSpan? _retryAfter;

    /// <summary>Whether the request is for an endpoint that asks who its caller is.</summary>
    internal static bool Concerns(HttpContext context) =>
        context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Concerns(Context))
            return AuthenticateResult.NoResult();

        var presented = CredentialExtractor.Extract(Request.Headers, options.Value.OperatorKey);
        _detail = presented.HasApiKey ? NotValidated : NotAuthenticated;
        try
        {
            return await TryAsync(presented.First) ?? await TryAsync(presented.Second) ?? AuthenticateResult.NoResult();
        }
        catch (DependencyUnavailableException outage)
        {
            // What is known already goes on counting, in whatever place it was sent.
            if (presented.Second is { } second && authenticator.Recall(second, out var known) == Recollection.Good)
                return AuthenticateResult.Success(new AuthenticationTicket(known!, Scheme.Name));
            // Not thrown: only a request that needs the caller fails for it.
            return AuthenticateResult.Fail(outage);
        }
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        if (result.Failure is DependencyUnavailableException outage)
            throw new DependencyUnavailableException(outage.Dependency, outage.InnerException);
        if (_retryAfter is { } retryAfter)
        {
            await Context.WriteLimitedAsync(gate!.Describe(Context), retryAfter);
            return;
        }

        Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        await Context.WriteErrorAsync(StatusCodes.Status401Unauthorized, _detail);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Context.WriteErrorAsync(StatusCodes.Status403Forbidden, NotAllowed);

    private async ValueTask<AuthenticateResult?> TryAsync(Credential? credential)
    {
        if (credential is not { } presented)
            return null;
        var principal = authenticator.Recall(presented, out var remembered) switch
        {
            Recollection.Good or Recollection.Refused => remembered,
            Recollection.None when gate is not null => await TryUnknownAsync(presented, gate),
            _ => await authenticator.AuthenticateAsync(presented, Context.RequestAborted),
        };
        return principal is null ? null : AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name));
    }

    private async ValueTask<ClaimsPrincipal?> TryUnknownAsync(Credential credential, IFailedAuthenticationGate limit)
    {
        if (!limit.TryEnter(Context, out var retryAfter))
        {
            _retryAfter = retryAfter;
            return null;
        }

        var failed = false;
        try
        {
            var principal = await authenticator.AuthenticateAsync(credential, Context.RequestAborted);
            failed = principal is null;
            return principal;
        }
        finally
        {
            await limit.LeaveAsync(Context, failed);
        }
    }
}

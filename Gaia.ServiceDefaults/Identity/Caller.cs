using System.Security.Claims;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Gaia.ServiceDefaults.Identity;

/// <summary>Who makes a request, as Auth vouches for it.</summary>
/// <param name="UserId">The user's id.</param>
/// <param name="Email">The user's e-mail address, where there is one.</param>
/// <param name="AuthType"><c>user_api_key</c> or <c>jwt</c>.</param>
/// <param name="ApiKeyId">With an API key: its id.</param>
/// <param name="Roles">Names of roles.</param>
/// <param name="Scopes">What the credential is limited to; none is no limit.</param>
/// <param name="TeamIds">Teams the user belongs to.</param>
/// <param name="WorkspaceIds">Workspaces the user belongs to.</param>
public sealed record Caller(
    Guid UserId,
    string? Email,
    string AuthType,
    Guid? ApiKeyId,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> TeamIds,
    IReadOnlyList<string> WorkspaceIds)
{
    /// <summary>Those of <see cref="Roles"/> that an operator's API key adds to its user's while it is used.</summary>
    public IReadOnlyList<string> KeyRoles { get; init; } = [];

    /// <summary>With a user's token: the session it belongs to.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>What the credential is limited to in place of the limits that hold for everybody.</summary>
    public RateLimit? RateLimit { get; init; }
}

/// <summary>The identity of an authenticated request. Shared by all requests with the same credential: never change it.</summary>
public sealed class GaiaIdentity : ClaimsIdentity
{
    internal GaiaIdentity(Caller caller, JsonWebToken token)
        : base(token.Claims, IdentityExtensions.Scheme, nameType: InternalTokenClaims.Email, roleType: InternalTokenClaims.Roles)
    {
        Caller = caller;
        InternalToken = token.EncodedToken;
        Authorization = $"Bearer {InternalToken}";
        PermissionsKey = PermissionStore.CacheKey(caller.UserId, caller.KeyRoles);
        Ends = new DateTimeOffset(token.ValidTo, TimeSpan.Zero);
    }

    public Caller Caller { get; }

    /// <summary>The internal token in its encoded form: what is handed on to other services, in place of the client's credential.</summary>
    public string InternalToken { get; }

    /// <summary>The <c>Authorization</c> header that hands it on: made once, for it is needed on every request.</summary>
    public string Authorization { get; }

    /// <summary>Under which key the caller's permissions are cached: made once, for it is needed on every request.</summary>
    internal string PermissionsKey { get; }

    /// <summary>When the internal token ends.</summary>
    internal DateTimeOffset Ends { get; }
}

public static class CallerExtensions
{
    /// <summary>Who makes the request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require authorization.</exception>
    public static Caller Caller(this ClaimsPrincipal principal) =>
        (principal.Identity as GaiaIdentity)?.Caller
        ?? throw new InvalidOperationException("The request is not authenticated: the endpoint must require authorization.");

    /// <summary>The id of the user who makes the request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require authorization.</exception>
    public static Guid UserId(this ClaimsPrincipal principal) => principal.Caller().UserId;

    /// <summary>The internal token of an authenticated request, null when the request is not.</summary>
    public static string? GetInternalToken(this HttpContext context) => (context.User.Identity as GaiaIdentity)?.InternalToken;
}

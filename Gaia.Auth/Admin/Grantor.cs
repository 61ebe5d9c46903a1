using System.Security.Claims;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Auth.Admin;

/// <summary>
/// An administrator who gives something to somebody, or takes it away. Nobody passes on what they do not hold, neither as a user
/// nor with the credential at hand, nor for longer than they hold it themselves.
/// </summary>
public sealed class Grantor
{
    /// <summary>What the role of that name gives: held by those alone who have it.</summary>
    public static readonly PermissionGrant Everything = new("*", "*");

    private readonly PermissionSet _set;
    private readonly IReadOnlyList<string> _scopes;

    private Grantor(Caller caller, PermissionSet set)
    {
        _set = set;
        _scopes = caller.Scopes;
        UserId = caller.UserId;
    }

    public Guid UserId { get; }

    public static async Task<Grantor> OfAsync(ClaimsPrincipal user, PermissionStore permissions, CancellationToken cancellationToken) =>
        new(user.Caller(), await permissions.GetAsync(user, cancellationToken));

    /// <returns>Null when the administrator holds all of it until then.</returns>
    /// <param name="grants">What would be passed on.</param>
    /// <param name="until">For how long; null for ever.</param>
    public AdminError? Check(IEnumerable<PermissionGrant> grants, DateTime? until)
    {
        DateTimeOffset? end = until is { } time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null;
        foreach (var grant in grants)
        {
            if (!CredentialScopes.Cover(_scopes, grant.ResourceType, grant.Action, grant.Path) || !_set.Holds(grant with { ExpiresAt = end }))
            {
                return AdminError.Forbidden(grant == Everything
                    ? $"Not enough permissions: only a {PermissionSet.SuperAdmin} may do this"
                    : $"Not enough permissions: you do not hold {grant.ResourceType}:{grant.Action} on {grant.Path ?? "*"} for as long yourself");
            }
        }

        return null;
    }
}

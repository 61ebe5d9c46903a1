using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Gaia.Web.Sessions;

/// <summary>Who is signed in.</summary>
/// <param name="Name">How the person is called: the name, or what stands before the @.</param>
/// <param name="Permissions">What the person may do everywhere, as <c>type:action</c>.</param>
public sealed record WebUser(Guid Id, string Email, string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions)
{
    private const string PermissionClaim = "permission";
    private const string SuperAdmin = "super_admin";
    private const string AdminPrefix = "admin:";

    /// <summary>Whether there is anything for this person on the pages of the administration. What exactly, the gateway decides.</summary>
    public bool IsAdmin => Roles.Contains(SuperAdmin) || Permissions.Any(static permission => permission.StartsWith(AdminPrefix, StringComparison.Ordinal));

    /// <summary>Two letters at most, for where there is no room for a name.</summary>
    public string Initials => string.Concat(Name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2).Select(static word => word.EnumerateRunes().First().ToString())).ToUpperInvariant();

    /// <summary>Whether the person may do this.</summary>
    public bool May(string type, string action) => Roles.Contains(SuperAdmin) || Permissions.Contains($"{type}:{action}");

    /// <returns>Null for somebody who is not signed in.</returns>
    public static WebUser? From(ClaimsPrincipal? principal) =>
        principal?.Identity is { IsAuthenticated: true } && Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            ? new WebUser(
                id,
                principal.FindFirstValue(ClaimTypes.Email) ?? "",
                principal.FindFirstValue(ClaimTypes.Name) ?? "",
                [.. principal.FindAll(ClaimTypes.Role).Select(static claim => claim.Value)],
                [.. principal.FindAll(PermissionClaim).Select(static claim => claim.Value)])
            : null;

    internal ClaimsPrincipal ToPrincipal() => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.NameIdentifier, Id.ToString()),
            new Claim(ClaimTypes.Email, Email),
            new Claim(ClaimTypes.Name, Name),
            .. Roles.Select(static role => new Claim(ClaimTypes.Role, role)),
            .. Permissions.Select(static permission => new Claim(PermissionClaim, permission)),
        ],
        CookieAuthenticationDefaults.AuthenticationScheme));
}

using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Access;

/// <summary>What an internal token says of a user beside the credential.</summary>
/// <param name="Roles">Those held everywhere.</param>
/// <param name="TeamIds">Teams and those above them.</param>
/// <param name="WorkspaceIds">Active workspaces.</param>
public sealed record AccessSummary(string[] Roles, string[] TeamIds, string[] WorkspaceIds)
{
    /// <summary>A token travels in a header, which has room for about so many ids. All of them are in <c>PermissionSet.Permissions</c>.</summary>
    private const int MaxIds = 100;

    /// <param name="caller">As the credential has it.</param>
    /// <param name="keyRoles">Roles that the credential adds.</param>
    public Caller AddTo(Caller caller, IReadOnlyList<string> keyRoles) => caller with
    {
        Roles = [.. Roles.Union(keyRoles, StringComparer.Ordinal)],
        KeyRoles = keyRoles,
        TeamIds = [.. TeamIds.Take(MaxIds)],
        WorkspaceIds = [.. WorkspaceIds.Take(MaxIds)],
    };
}

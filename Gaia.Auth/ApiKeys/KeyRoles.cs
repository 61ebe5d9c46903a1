using System.Text.Json;
using Gaia.ServiceDefaults.Identity.Permissions;

namespace Gaia.Auth.ApiKeys;

/// <summary>
/// The roles that a key gives its owner while it is used: what an operator wrote into the column <c>permissions</c>, in the form of
/// the legacy system. They are the operator's word, not the owner's, and limit nothing.
/// </summary>
public static class KeyRoles
{
    public const string Admin = "admin";
    public const string KnowledgeBase = "kb_contributor";

    /// <summary>
    /// <c>admin</c> gives the role of that name, <c>kb_access</c> reading and writing in the knowledge base. With a key of the
    /// deployment itself <c>admin</c> is <c>super_admin</c> too: whoever may set it owns the system anyhow, and somebody has to name
    /// the first of them.
    /// </summary>
    /// <param name="permissions">The column; anything but a JSON object gives nothing.</param>
    /// <param name="isOfDeployment">Whether it is the key of the configuration, or the development key in Development.</param>
    public static IReadOnlyList<string> Of(string? permissions, bool isOfDeployment)
    {
        // Most keys.
        if (permissions is null or "{}")
            return [];
        using var json = JsonDocument.Parse(permissions);
        var roles = new List<string>();
        if (IsTrue(json.RootElement, "admin"))
            roles.AddRange(isOfDeployment ? [Admin, PermissionSet.SuperAdmin] : [Admin]);
        if (IsTrue(json.RootElement, "kb_access"))
            roles.Add(KnowledgeBase);
        return roles;
    }

    private static bool IsTrue(JsonElement permissions, string name) =>
        permissions.ValueKind == JsonValueKind.Object && permissions.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}

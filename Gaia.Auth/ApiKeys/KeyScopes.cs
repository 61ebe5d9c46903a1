using System.Text.Json;

namespace Gaia.Auth.ApiKeys;

/// <summary>What an API key may be used for.</summary>
public static class KeyScopes
{
    public const string Admin = "admin";

    /// <summary>What a limited credential needs for making and revoking API keys.</summary>
    public const string ManageKeys = "keys:manage";

    private const string Everything = "admin:all";

    /// <summary>
    /// The scopes given to the key itself and those of its legacy permissions: <c>admin</c> gives <c>admin</c>,
    /// <c>kb_access</c> gives <c>kb:read</c> and <c>kb:write</c>.
    /// </summary>
    /// <param name="scopes">The column <c>scopes</c>.</param>
    /// <param name="permissions">The column <c>permissions</c>; anything but a JSON object gives nothing.</param>
    public static IReadOnlyList<string> Of(string[]? scopes, string? permissions)
    {
        var all = new List<string>(scopes ?? []);
        if (permissions is not null)
        {
            using var json = JsonDocument.Parse(permissions);
            if (IsTrue(json.RootElement, "admin"))
                all.Add(Admin);
            if (IsTrue(json.RootElement, "kb_access"))
                all.AddRange(["kb:read", "kb:write"]);
        }

        return [.. all.Distinct(StringComparer.Ordinal)];
    }

    public static bool MayManageKeys(IReadOnlyList<string> scopes) => IsUnlimited(scopes) || scopes.Contains(ManageKeys);

    /// <summary>Whether a credential with scopes <paramref name="own"/> may make one with <paramref name="wanted"/>.</summary>
    public static bool Covers(IReadOnlyList<string> own, IReadOnlyList<string> wanted) =>
        IsUnlimited(own) || (wanted.Count > 0 && wanted.All(scope => own.Contains(scope) || own.Contains($"{scope.Split(':')[0]}:*")));

    private static bool IsUnlimited(IReadOnlyList<string> scopes) => scopes is [] || scopes.Contains(Admin) || scopes.Contains(Everything);

    private static bool IsTrue(JsonElement permissions, string name) =>
        permissions.ValueKind == JsonValueKind.Object && permissions.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}

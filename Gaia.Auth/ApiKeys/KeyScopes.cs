namespace Gaia.Auth.ApiKeys;

/// <summary>What an API key may be used for.</summary>
public static class KeyScopes
{
    public const string Admin = "admin";

    /// <summary>What a limited credential needs for making and revoking API keys.</summary>
    public const string ManageKeys = "keys:manage";

    private const string Everything = "admin:all";

    public static bool MayManageKeys(IReadOnlyList<string> scopes) => IsUnlimited(scopes) || scopes.Contains(ManageKeys);

    /// <summary>Whether a credential with scopes <paramref name="own"/> may make one with <paramref name="wanted"/>.</summary>
    public static bool Covers(IReadOnlyList<string> own, IReadOnlyList<string> wanted) =>
        IsUnlimited(own) || (wanted.Count > 0 && wanted.All(scope => own.Contains(scope) || own.Contains($"{scope.Split(':')[0]}:*")));

    private static bool IsUnlimited(IReadOnlyList<string> scopes) => scopes is [] || scopes.Contains(Admin) || scopes.Contains(Everything);
}

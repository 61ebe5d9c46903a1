namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// What a credential is limited to. A scope is <c>{type}:{action}</c>, <c>{type}:*</c> or <c>{type}:all</c>; <c>admin:all</c> and
/// <c>admin</c> are no limit at all, and <c>asset:generate</c> means <c>asset:create</c>. A scope gives nothing that its user may not do.
/// </summary>
public static class CredentialScopes
{
    private const string Api = "api";

    /// <summary>Whether a credential with these scopes may be used for an action. Without scopes it may be used for everything.</summary>
    /// <param name="scopes">The credential's.</param>
    /// <param name="resourceType">The type of what is acted on.</param>
    /// <param name="action">The action.</param>
    /// <param name="path">With the type <c>api</c>: the API that is used. A scope for what it serves is one for the API too.</param>
    public static bool Cover(IReadOnlyList<string> scopes, string resourceType, string action, string? path = null)
    {
        if (IsUnlimited(scopes))
            return true;
        var served = resourceType == Api ? ServedBy(path) : null;
        // By index: an enumerator would be an allocation on every request.
        for (var i = 0; i < scopes.Count; i++)
        {
            var scope = scopes[i].AsSpan();
            if (IsFor(scope, resourceType, action) || (served is not null && IsOfType(scope, served)))
                return true;
        }

        return false;
    }

    /// <summary>Whether a credential with these scopes may give out one with those.</summary>
    /// <param name="scopes">The credential's.</param>
    /// <param name="wanted">Those of the other one; none is no limit.</param>
    public static bool CoverAll(IReadOnlyList<string> scopes, IReadOnlyList<string> wanted) =>
        IsUnlimited(scopes) || (!IsUnlimited(wanted) && wanted.All(scope => CoverScope(scopes, scope)));

    private static bool CoverScope(IReadOnlyList<string> scopes, string wanted) =>
        wanted.Split(':') switch
        {
            [var type, "*" or "all"] => scopes.Contains($"{type}:*") || scopes.Contains($"{type}:all"),
            [var type, "generate"] => Cover(scopes, type, "create"),
            [var type, var action] => Cover(scopes, type, action),
            _ => false,
        };

    private static bool IsUnlimited(IReadOnlyList<string> scopes)
    {
        for (var i = 0; i < scopes.Count; i++)
        {
            if (scopes[i] is "admin" or "admin:all")
                return true;
        }

        return scopes.Count == 0;
    }

    private static bool IsFor(ReadOnlySpan<char> scope, string resourceType, string action)
    {
        if (!IsOfType(scope, resourceType))
            return false;
        var of = scope[(resourceType.Length + 1)..];
        return of is "*" or "all" || of.SequenceEqual(action) || (of is "generate" && action == "create");
    }

    private static bool IsOfType(ReadOnlySpan<char> scope, string type) =>
        scope.Length > type.Length && scope[type.Length] == ':' && scope.StartsWith(type, StringComparison.Ordinal);

    /// <summary>The type of resource behind an API; null for the API of the account itself, for which its own scope is needed.</summary>
    private static string? ServedBy(string? path) => path switch
    {
        null => null,
        _ when path.StartsWith("/api/v1/chat", StringComparison.Ordinal) => "chat",
        _ when path.StartsWith("/api/v1/assets", StringComparison.Ordinal) => "asset",
        _ when path.StartsWith("/api/v1/kb", StringComparison.Ordinal) => "kb",
        _ when path.StartsWith("/api/v1/admin", StringComparison.Ordinal) => "admin",
        _ => null,
    };
}

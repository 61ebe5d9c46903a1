using Microsoft.AspNetCore.Authorization;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// The rule of an endpoint: its caller must be allowed an action, by the user's permissions and by the credential's scopes. As the
/// name of a policy, for routes that are configured: <c>permission:{type}:{action}</c> or <c>permission:{type}:{action}:{path}</c>.
/// </summary>
public sealed class PermissionRequirement : IAuthorizationRequirement
{
    private const string Prefix = "permission:";

    /// <param name="resourceType">Such as <c>chat</c>.</param>
    /// <param name="action">Such as <c>create</c>; of several, separated by <c>|</c>, one is enough.</param>
    /// <param name="path">Which resource; null asks for all of the type.</param>
    /// <exception cref="ArgumentException">A part is empty or has a colon in it, or the path is none.</exception>
    public PermissionRequirement(string resourceType, string action, string? path = null)
    {
        ThrowIfNoName(resourceType, nameof(resourceType));
        ThrowIfNoName(action, nameof(action));
        if (path is not null && !ResourcePath.TryNormalize(path, out path))
            throw new ArgumentException("This is no path of a resource.", nameof(path));
        ResourceType = resourceType;
        Action = action;
        Actions = action.Split('|');
        Path = path;
    }

    public string ResourceType { get; }

    public string Action { get; }

    internal string[] Actions { get; }

    public string? Path { get; }

    public string PolicyName => Path is null ? $"{Prefix}{ResourceType}:{Action}" : $"{Prefix}{ResourceType}:{Action}:{Path}";

    /// <returns>Null for the name of another policy.</returns>
    /// <exception cref="ArgumentException">The name says that it is a rule of this kind but is not written like one.</exception>
    public static PermissionRequirement? Parse(string policyName)
    {
        if (!policyName.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var parts = policyName.Split(':', 4);
        return parts.Length < 3
            ? throw new ArgumentException($"The policy {policyName} should be permission:type:action or permission:type:action:path.", nameof(policyName))
            : new PermissionRequirement(parts[1], parts[2], parts.ElementAtOrDefault(3));
    }

    public override string ToString() => PolicyName;

    private static void ThrowIfNoName(string value, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value, name);
        if (value.Contains(':', StringComparison.Ordinal))
            throw new ArgumentException("A type or action has no colon in it.", name);
    }
}

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// What one user may do now. A ban wins over what allows; <see cref="SuperAdmin"/> may do everything. Grants in a context count
/// only where that context is named. A grant that has ended counts no longer, however long this is kept. Looking something up
/// costs no I/O and no allocation.
/// </summary>
public sealed class PermissionSet
{
    /// <summary>The role that may do everything.</summary>
    public const string SuperAdmin = "super_admin";

    private const string KnowledgeBase = "kb";
    private const string Write = "write";

    private readonly TimeProvider _time;
    private readonly Dictionary<GrantKey, Grant[]> _grants;
    private readonly DateTimeOffset?[] _superAdmin;
    private readonly PathPattern _ownNamespace;

    public PermissionSet(UserPermissions permissions, TimeProvider time)
    {
        _time = time;
        Permissions = permissions;
        _superAdmin = [.. permissions.Roles.Where(role => role is { Name: SuperAdmin, Context: null }).Select(role => role.ExpiresAt)];
        _grants = permissions.Grants
            .GroupBy(grant => new GrantKey(grant.ResourceType, grant.Action))
            .ToDictionary(
                group => group.Key,
                group => group.Select(grant => new Grant(PathPattern.Parse(grant.Path), grant.Allowed, grant.Context, grant.ExpiresAt)).ToArray());
        _ownNamespace = PathPattern.Parse($"/kb/users/{permissions.UserId}/*");
    }

    /// <summary>What this was made from.</summary>
    public UserPermissions Permissions { get; }

    public bool IsSuperAdmin => HoldsSuperAdmin(until: _time.GetUtcNow(), forever: false);

    /// <summary>Whether the user may do <paramref name="action"/>.</summary>
    /// <param name="resourceType">Such as <c>kb</c>.</param>
    /// <param name="action">Such as <c>read</c>.</param>
    /// <param name="path">Which resource; null asks for all of the type. One that is no path (see <see cref="ResourcePath"/>) is refused.</param>
    /// <param name="context">Where; null counts only what holds everywhere.</param>
    public bool Allows(string resourceType, string action, string? path = null, PermissionContext? context = null)
    {
        if (path is not null && !ResourcePath.TryNormalize(path, out path))
            return false;
        if (IsSuperAdmin)
            return true;
        var now = _time.GetUtcNow();
        return Find(resourceType, action, path, context, now)
            // Whoever may write in a part of the knowledge base of one's own owns it: there is no permission for each action in it.
            ?? (resourceType == KnowledgeBase && path is not null && _ownNamespace.Matches(path) && Find(KnowledgeBase, Write, path, context, now) == true);
    }

    /// <summary>
    /// Whether the user holds all of <paramref name="grant"/> everywhere and for as long: what is needed to pass it on to somebody
    /// else or to take it away. In its path <c>{user_id}</c> stands for this user's id. Says no where it cannot tell.
    /// </summary>
    public bool Holds(PermissionGrant grant)
    {
        if (HoldsSuperAdmin(grant.ExpiresAt ?? DateTimeOffset.MaxValue, forever: grant.ExpiresAt is null))
            return true;
        if (!_grants.TryGetValue(new GrantKey(grant.ResourceType, grant.Action), out var grants))
            return false;

        var now = _time.GetUtcNow();
        var asked = PathPattern.Parse(PermissionTemplate.Resolve(grant.Path, Permissions.UserId));
        var held = false;
        foreach (var own in grants)
        {
            if (own.Context is not null || own.ExpiresAt <= now)
                continue;
            if (!own.Allowed)
                return false;
            held |= own.Pattern.Covers(asked) && (own.ExpiresAt is null || own.ExpiresAt >= grant.ExpiresAt);
        }

        return held;
    }

    private bool HoldsSuperAdmin(DateTimeOffset until, bool forever)
    {
        foreach (var end in _superAdmin)
        {
            if (end is null || (!forever && end > until))
                return true;
        }

        return false;
    }

    /// <returns>Null when nothing is said about it.</returns>
    private bool? Find(string resourceType, string action, string? path, PermissionContext? context, DateTimeOffset now)
    {
        bool? allowed = null;
        if (!_grants.TryGetValue(new GrantKey(resourceType, action), out var grants))
            return null;
        foreach (var grant in grants)
        {
            if (grant.ExpiresAt <= now || (grant.Context is not null && grant.Context != context) || !grant.Pattern.Matches(path))
                continue;
            if (!grant.Allowed)
                return false;
            allowed = true;
        }

        return allowed;
    }

    private readonly record struct GrantKey(string ResourceType, string Action);

    private sealed record Grant(PathPattern Pattern, bool Allowed, PermissionContext? Context, DateTimeOffset? ExpiresAt);
}

/// <summary>Patterns as they are kept: <c>{user_id}</c> stands for whom they are granted to.</summary>
public static class PermissionTemplate
{
    public const string UserId = "{user_id}";

    public static string? Resolve(string? path, Guid userId) =>
        path?.Contains(UserId, StringComparison.Ordinal) == true ? path.Replace(UserId, userId.ToString(), StringComparison.Ordinal) : path;
}

using System.Security.Claims;
using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>
/// What callers may do: asked of Auth once, remembered in memory and Redis for five minutes, confirmed again after
/// <see cref="IdentityOptions.FreshFor"/> or when Auth says that it changed. While Auth is away, what is remembered goes on counting.
/// </summary>
public sealed partial class PermissionStore
{
    /// <summary>How long a set is kept: as long as it may be used while Auth is away.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(300);

    /// <summary>After an outage, how long remembered sets are used without trying Auth: a trial may take seconds.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly TwoLevelCache _cache;
    private readonly IAuthority _authority;
    private readonly PermissionChanges _changes;
    private readonly TimeSpan _freshFor;
    private readonly TimeProvider _time;
    private readonly ILogger<PermissionStore> _logger;
    private long _restUntilTicks;

    internal PermissionStore(
        TwoLevelCache cache, IAuthority authority, PermissionChanges changes, IOptions<IdentityOptions> options, TimeProvider time, ILogger<PermissionStore> logger)
    {
        _cache = cache;
        _authority = authority;
        _changes = changes;
        _freshFor = options.Value.FreshFor;
        _time = time;
        _logger = logger;
    }

    /// <summary>The contract's key in Redis for what a user may do.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="keyRoles">Roles that the credential adds.</param>
    public static string CacheKey(Guid userId, IReadOnlyList<string> keyRoles) =>
        keyRoles.Count == 0 ? $"rbac:user_perms:{userId}" : $"rbac:user_perms:{userId}:{string.Join('+', keyRoles)}";

    /// <summary>What the caller may do. Does not look at the scopes of the credential.</summary>
    /// <exception cref="InvalidOperationException">The endpoint does not require authorization.</exception>
    /// <exception cref="DependencyUnavailableException">Auth does not answer and nothing is remembered of the user.</exception>
    public ValueTask<PermissionSet> GetAsync(ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var identity = user.Identity as GaiaIdentity ?? throw new InvalidOperationException("The request is not authenticated: the endpoint must require authorization.");
        return _cache.TryGetLocal<UserPermissions>(identity.PermissionsKey, out var known) && IsGood(known!)
            ? new(SetOf(known!))
            : FetchAsync(identity, cancellationToken);
    }

    /// <summary>Whether the caller may do something with this credential: both the user and the credential's scopes must allow it.</summary>
    /// <param name="user">The request's <c>User</c>.</param>
    /// <param name="resourceType">Such as <c>kb</c>.</param>
    /// <param name="action">Such as <c>read</c>.</param>
    /// <param name="path">Which resource; null asks for all of the type.</param>
    /// <param name="context">Where; null counts only what holds everywhere.</param>
    /// <param name="cancellationToken">Ends the wait for Auth.</param>
    /// <exception cref="InvalidOperationException">The endpoint does not require authorization.</exception>
    /// <exception cref="DependencyUnavailableException">Auth does not answer and nothing is remembered of the user.</exception>
    public ValueTask<bool> AllowsAsync(
        ClaimsPrincipal user, string resourceType, string action, string? path = null, PermissionContext? context = null, CancellationToken cancellationToken = default)
    {
        if (!CredentialScopes.Cover(user.Caller().Scopes, resourceType, action, path))
            return new(false);
        var set = GetAsync(user, cancellationToken);
        return set.IsCompletedSuccessfully ? new(set.Result.Allows(resourceType, action, path, context)) : AwaitAsync(set);

        async ValueTask<bool> AwaitAsync(ValueTask<PermissionSet> pending) => (await pending).Allows(resourceType, action, path, context);
    }

    /// <summary>Has what is known of these users asked for again. Other processes hear of it by <c>PermissionsChangedEvent</c>.</summary>
    /// <param name="userIds">Whose permissions changed; null for everybody's.</param>
    public async Task ForgetAsync(IReadOnlyList<Guid>? userIds)
    {
        _changes.Record(userIds);
        foreach (var user in userIds ?? [])
            await _cache.RemoveAsync(CacheKey(user, []));
    }

    private async ValueTask<PermissionSet> FetchAsync(GaiaIdentity identity, CancellationToken cancellationToken)
    {
        var caller = identity.Caller;
        var permissions = await _cache.GetOrRenewAsync(
            identity.PermissionsKey,
            PermissionsJson.Default.UserPermissions,
            IsFresh,
            (known, cancellation) => RenewAsync(caller.UserId, caller.KeyRoles, known, cancellation),
            cancellationToken);
        return SetOf(permissions!);
    }

    private async Task<(UserPermissions? Value, TimeSpan Lifetime)> RenewAsync(
        Guid userId, IReadOnlyList<string> keyRoles, UserPermissions? known, CancellationToken cancellationToken)
    {
        // Before the question: what changes while it is under way makes the answer old.
        var now = _time.GetUtcNow();
        try
        {
            var permissions = await _authority.GetPermissionsAsync(userId, keyRoles, cancellationToken);
            Volatile.Write(ref _restUntilTicks, 0);
            return (permissions with { FetchedAt = now }, Lifetime);
        }
        catch (DependencyUnavailableException exception) when (known is not null && IsUsable(known))
        {
            // From now, not from when the trial began: that took its time.
            Volatile.Write(ref _restUntilTicks, (_time.GetUtcNow() + Rest).UtcTicks);
            LogRemembered(exception.InnerException?.Message);
            return (known, known.FetchedAt + Lifetime - now);
        }
    }

    private PermissionSet SetOf(UserPermissions permissions) => permissions.Set ??= new PermissionSet(permissions, _time);

    private bool IsGood(UserPermissions known) => IsFresh(known) || (_time.GetUtcNow().UtcTicks < Volatile.Read(ref _restUntilTicks) && IsUsable(known));

    private bool IsFresh(UserPermissions known) => _time.GetUtcNow() - known.FetchedAt < _freshFor && _changes.IsCurrent(known.UserId, known.FetchedAt);

    private bool IsUsable(UserPermissions known) => _time.GetUtcNow() < known.FetchedAt + Lifetime;

    [LoggerMessage(LogLevel.Warning, "Auth does not answer; permissions that it named before go on counting: {Reason}")]
    private partial void LogRemembered(string? reason);
}

using Gaia.ServiceDefaults.Caching;
using Gaia.ServiceDefaults.Events;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Identity.Permissions;

public static class PermissionExtensions
{
    /// <summary>
    /// States who may call an endpoint or a group of them: users who may do <paramref name="action"/>, with a credential whose scopes
    /// allow it. Others get a 403. Several rules on one endpoint hold together.
    /// </summary>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="resourceType">Such as <c>chat</c>.</param>
    /// <param name="action">Such as <c>create</c>; of several, separated by <c>|</c>, one is enough.</param>
    /// <param name="path">Which resource; null asks for all of the type.</param>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string resourceType, string action, string? path = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(new PermissionRequirement(resourceType, action, path).PolicyName);

    /// <summary>The evaluation of permissions; part of <c>AddIdentity</c>. Needs an <see cref="IAuthority"/>.</summary>
    internal static void AddPermissions(this IServiceCollection services)
    {
        services.AddSingleton<PermissionChanges>();
        services.AddSingleton(static provider => new PermissionStore(
            provider.GetRequiredService<TwoLevelCache>(),
            provider.GetRequiredService<IAuthority>(),
            provider.GetRequiredService<PermissionChanges>(),
            provider.GetRequiredService<IOptions<IdentityOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PermissionStore>>()));
        services.AddEventConsumer<PermissionsChangedEvent, PermissionsChangedConsumer>(PermissionsChangedEvent.ChangedSubject);
        services.AddSingleton<IAuthorizationPolicyProvider, PermissionPolicyProvider>();
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
    }
}

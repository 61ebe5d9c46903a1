using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Gaia.ServiceDefaults.Identity.Permissions;

/// <summary>Makes a policy of every name that states a permission (see <see cref="PermissionRequirement"/>).</summary>
internal sealed class PermissionPolicyProvider(IOptions<AuthorizationOptions> options) : DefaultAuthorizationPolicyProvider(options)
{
    /// <summary>A name always means the same, so that an endpoint's policy is put together once.</summary>
    public override bool AllowsCachingPolicies => true;

    public override Task<AuthorizationPolicy?> GetPolicyAsync(string policyName) =>
        PermissionRequirement.Parse(policyName) is { } requirement
            ? Task.FromResult<AuthorizationPolicy?>(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(requirement).Build())
            : base.GetPolicyAsync(policyName);
}

/// <summary>Checks the rules of endpoints. An outage passes through as an exception: it is no refusal.</summary>
internal sealed class PermissionHandler(PermissionStore permissions) : AuthorizationHandler<PermissionRequirement>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, PermissionRequirement requirement)
    {
        if (context.User.Identity is not GaiaIdentity)
            return;
        var cancellationToken = (context.Resource as Microsoft.AspNetCore.Http.HttpContext)?.RequestAborted ?? CancellationToken.None;
        foreach (var action in requirement.Actions)
        {
            if (await permissions.AllowsAsync(context.User, requirement.ResourceType, action, requirement.Path, cancellationToken: cancellationToken))
            {
                context.Succeed(requirement);
                return;
            }
        }
    }
}

using Gaia.Auth.Audit;
using Gaia.Auth.Permissions;
using Gaia.Auth.Roles;
using Gaia.Auth.Teams;
using Gaia.Auth.Workspaces;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Gaia.Auth.Admin;

internal static class AdminEndpoints
{
    private const int MaxBodySize = 64 * 1024;

    internal static void AddAdministration(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, AdminJson.Default));
        services.AddScoped<AdminChange>();
        services.AddScoped<GrantReader>();
        services.AddScoped<SuperAdmins>();
        services.AddScoped<UserAdministration>();
        services.AddScoped<KeyAdministration>();
        services.AddScoped<DirectGrants>();
        services.AddScoped<RoleStore>();
        services.AddScoped<PermissionCatalogue>();
        services.AddScoped<ResourceGrants>();
        services.AddScoped<TeamStore>();
        services.AddScoped<WorkspaceStore>();
        services.AddScoped<AuditReader>();
    }

    /// <summary>Each part of it states its own permission.</summary>
    internal static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/admin")
            .WithTags("Administration")
            .WithMetadata(new BodySize(MaxBodySize))
            .ProducesError(StatusCodes.Status401Unauthorized)
            .ProducesError(StatusCodes.Status403Forbidden)
            .ProducesError(StatusCodes.Status422UnprocessableEntity);
        group.MapUserAdministration();
        group.MapKeyAdministration();
        group.MapRoles();
        group.MapPermissions();
        group.MapTeams();
        group.MapWorkspaces();
        group.MapAudit();
    }

    private static RouteGroupBuilder ProducesError(this RouteGroupBuilder group, int status) =>
        group.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ErrorBody), ["application/json"]));

    private sealed record BodySize(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}

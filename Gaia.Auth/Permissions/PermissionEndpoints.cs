using System.Security.Claims;
using Gaia.Auth.Access;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Permissions;

internal static class PermissionEndpoints
{
    internal static void MapPermissions(this IEndpointRouteBuilder routes)
    {
        var permissions = routes.MapGroup("/permissions").RequirePermission("admin", "permissions");
        permissions.MapGet("", ListAsync).WithSummary("List permissions by type").Produces<Listing<PermissionBody>>();
        permissions.MapPost("", CreateAsync).WithSummary("Make a permission that can be granted").Produces<PermissionBody>(StatusCodes.Status201Created);
        permissions.MapPost("check", CheckAsync).WithSummary("Whether a user may do something").Produces<CheckResponse>();

        var resources = permissions.MapGroup("/resources");
        resources.MapGet("", ListGrantsAsync).WithSummary("List what is granted on single resources").Produces<Listing<ResourceGrantBody>>();
        resources.MapPost("", GrantAsync).WithSummary("Grant a user, team, workspace or role something on a resource").Produces<ResourceGrantBody>(StatusCodes.Status201Created);
        resources.MapDelete("{id:guid}", RevokeAsync).WithSummary("Take such a grant back");
    }

    private static async Task<Results<JsonHttpResult<Listing<PermissionBody>>, JsonHttpResult<ErrorBody>>> ListAsync(
        string? resource_type, int? limit, int? offset, PermissionCatalogue permissions, CancellationToken cancellationToken) =>
        (Page.TryRead(limit, offset, out var page) ?? UserAdministrationEndpoints.CheckText(resource_type)) is { } error
            ? error.ToResult()
            : TypedResults.Json(page.Show(await permissions.ListAsync(resource_type, page, cancellationToken)), AdminJson.Readable.ListingPermissionBody);

    private static async Task<Results<JsonHttpResult<PermissionBody>, JsonHttpResult<ErrorBody>>> CreateAsync(
        CreatePermissionRequest request, ClaimsPrincipal user, PermissionCatalogue permissions, AdminChange change, CancellationToken cancellationToken)
    {
        PermissionBody? created = null;
        var failed = await change.RunAsync(user, async () =>
        {
            (created, var error) = await permissions.CreateAsync(request, cancellationToken);
            return error;
        }, cancellationToken);
        return failed is null ? TypedResults.Json(created!, AdminJson.Readable.PermissionBody, statusCode: StatusCodes.Status201Created) : failed.ToResult();
    }

    private static async Task<Results<JsonHttpResult<CheckResponse>, JsonHttpResult<ErrorBody>>> CheckAsync(
        CheckRequest request, ClaimsPrincipal user, UserAdministration users, AccessReader access, AuditLog audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request is not { UserId: { } userId, ResourceType: { Length: > 0 } type, Action: { Length: > 0 } action })
            return AdminError.Invalid("Give user_id, resource_type and action").ToResult();
        if (await users.FindAsync(userId, cancellationToken) is null)
            return AdminError.NotFound($"User {userId}").ToResult();
        var context = string.IsNullOrEmpty(request.ContextType) ? null : new PermissionContext(request.ContextType, request.ContextId ?? "");
        var set = new PermissionSet(await access.ReadAsync(userId, [], cancellationToken), time);
        await audit.WriteAsync(AuditEvents.AdminRead, user.UserId(), userId, "permissions", null, null, cancellationToken);
        return TypedResults.Json(new CheckResponse(set.Allows(type, action, request.Path, context), userId, type, action, request.Path, context), AdminJson.Readable.CheckResponse);
    }

    private static async Task<Results<JsonHttpResult<Listing<ResourceGrantBody>>, JsonHttpResult<ErrorBody>>> ListGrantsAsync(
        string? resource_type,
        string? resource_id,
        string? principal_type,
        string? principal_id,
        int? limit,
        int? offset,
        ResourceGrants grants,
        CancellationToken cancellationToken)
    {
        var error = Page.TryRead(limit, offset, out var page) ?? UserAdministrationEndpoints.CheckText(resource_type) ?? UserAdministrationEndpoints.CheckText(resource_id)
            ?? UserAdministrationEndpoints.CheckText(principal_type) ?? UserAdministrationEndpoints.CheckText(principal_id);
        return error is null
            ? TypedResults.Json(
                page.Show(await grants.ListAsync(resource_type, resource_id, principal_type, principal_id, page, cancellationToken)), AdminJson.Readable.ListingResourceGrantBody)
            : error.ToResult();
    }

    private static async Task<Results<JsonHttpResult<ResourceGrantBody>, JsonHttpResult<ErrorBody>>> GrantAsync(
        GrantResourceRequest request, ClaimsPrincipal user, ResourceGrants grants, AdminChange change, CancellationToken cancellationToken)
    {
        ResourceGrantBody? granted = null;
        var failed = await change.RunAsync(user, async () =>
        {
            (granted, var error) = await grants.GrantAsync(request, cancellationToken);
            return error;
        }, cancellationToken);
        return failed is null ? TypedResults.Json(granted!, AdminJson.Readable.ResourceGrantBody, statusCode: StatusCodes.Status201Created) : failed.ToResult();
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RevokeAsync(
        Guid id, ClaimsPrincipal user, ResourceGrants grants, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => grants.RevokeAsync(id, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();
}

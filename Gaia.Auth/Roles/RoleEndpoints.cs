using System.Security.Claims;
using Gaia.Auth.Admin;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Roles;

internal static class RoleEndpoints
{
    internal static void MapRoles(this IEndpointRouteBuilder routes)
    {
        var roles = routes.MapGroup("/roles").RequirePermission("admin", "roles");
        roles.MapGet("", ListAsync).WithSummary("List roles by name").Produces<Listing<RoleBody>>();
        roles.MapGet("{role}", GetAsync).WithSummary("One role, by name or id, with its permissions").Produces<RoleDetails>();
        roles.MapPost("", CreateAsync).WithSummary("Make a role").Produces<RoleDetails>(StatusCodes.Status201Created);
        roles.MapPatch("{role}", UpdateAsync).WithSummary("Change a role of one's own, or switch it off").Produces<RoleDetails>();
        roles.MapDelete("{role}", DeleteAsync).WithSummary("Delete a role of one's own");
        roles.MapPost("{role}/permissions", AddPermissionAsync).WithSummary("Give a role a permission").Produces<RoleDetails>();
        roles.MapDelete("{role}/permissions/{permissionId:guid}", RemovePermissionAsync).WithSummary("Take a permission from a role");
    }

    private static async Task<Results<JsonHttpResult<Listing<RoleBody>>, JsonHttpResult<ErrorBody>>> ListAsync(
        int? limit, int? offset, RoleStore roles, CancellationToken cancellationToken) => Page.TryRead(limit, offset, out var page) is { } error
            ? error.ToResult()
            : TypedResults.Json(page.Show(await roles.ListAsync(page, cancellationToken)), AdminJson.Readable.ListingRoleBody);

    private static Task<Results<JsonHttpResult<RoleDetails>, JsonHttpResult<ErrorBody>>> GetAsync(string role, RoleStore roles, CancellationToken cancellationToken) =>
        DescribeAsync(role, roles, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<JsonHttpResult<RoleDetails>, JsonHttpResult<ErrorBody>>> CreateAsync(
        CreateRoleRequest request, ClaimsPrincipal user, RoleStore roles, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => roles.CreateAsync(request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(request.Name!, roles, StatusCodes.Status201Created, cancellationToken);

    private static async Task<Results<JsonHttpResult<RoleDetails>, JsonHttpResult<ErrorBody>>> UpdateAsync(
        string role, UpdateRoleRequest request, ClaimsPrincipal user, RoleStore roles, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => roles.UpdateAsync(role, request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(role, roles, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> DeleteAsync(
        string role, ClaimsPrincipal user, RoleStore roles, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => roles.DeleteAsync(role, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<JsonHttpResult<RoleDetails>, JsonHttpResult<ErrorBody>>> AddPermissionAsync(
        string role, RolePermissionRequest request, ClaimsPrincipal user, RoleStore roles, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => roles.AddPermissionAsync(role, request.PermissionId, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(role, roles, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RemovePermissionAsync(
        string role, Guid permissionId, ClaimsPrincipal user, RoleStore roles, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => roles.RemovePermissionAsync(role, permissionId, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : TypedResults.NoContent();

    private static async Task<Results<JsonHttpResult<RoleDetails>, JsonHttpResult<ErrorBody>>> DescribeAsync(
        string key, RoleStore roles, int status, CancellationToken cancellationToken) =>
        await roles.FindAsync(key, cancellationToken) is { } role
            ? TypedResults.Json(new RoleDetails(role, await roles.PermissionsAsync(role.Id, cancellationToken)), AdminJson.Readable.RoleDetails, statusCode: status)
            : AdminError.NotFound("Role").ToResult();
}

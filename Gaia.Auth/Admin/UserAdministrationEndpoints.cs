using System.Security.Claims;
using System.Text.Json.Nodes;
using Gaia.Auth.Access;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Admin;

internal static class UserAdministrationEndpoints
{
    private const string Newest = "newest";
    private const string ByEmail = "email";

    internal static void MapUserAdministration(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/users").RequirePermission("admin", "users");
        users.MapGet("", ListAsync).WithSummary("List users, the newest first, or with `sort=email` by address").Produces<Listing<UserBody>>();
        users.MapGet("{id:guid}", GetAsync).WithSummary("One user with all that it holds").Produces<UserDetails>();
        users.MapPost("{id:guid}/disable", DisableAsync).WithSummary("Refuse a user with every credential").Produces<UserDetails>();
        users.MapPost("{id:guid}/enable", EnableAsync).WithSummary("Let a disabled user in again").Produces<UserDetails>();
        users.MapPost("{id:guid}/roles", AssignAsync).WithSummary("Give a user a role, or change when it ends").Produces<UserDetails>();
        users.MapDelete("{id:guid}/roles/{role}", RevokeAsync).WithSummary("Take a role from a user").Produces<UserDetails>();

        var permissions = routes.MapGroup("/users/{id:guid}/permissions").RequirePermission("admin", "permissions");
        permissions.MapPost("", GrantAsync).WithSummary("Give a user a permission without a role, or a ban").Produces<UserDetails>();
        permissions.MapDelete("{permissionId:guid}", RemoveAsync).WithSummary("Take back what was given without a role").Produces<UserDetails>();
    }

    private static async Task<Results<JsonHttpResult<Listing<UserBody>>, JsonHttpResult<ErrorBody>>> ListAsync(
        string? search, string? role, string? sort, int? limit, int? offset, ClaimsPrincipal user, UserAdministration users, AuditLog audit, CancellationToken cancellationToken)
    {
        if ((Page.TryRead(limit, offset, out var page) ?? CheckText(search) ?? CheckText(role) ?? CheckSort(sort)) is { } error)
            return error.ToResult();
        await audit.WriteAsync(AuditEvents.AdminRead, user.UserId(), null, "users", null, new JsonObject { ["search"] = search, ["role"] = role, ["offset"] = page.Offset }, cancellationToken);
        return TypedResults.Json(page.Show(await users.ListAsync(search, role, sort == ByEmail, page, cancellationToken)), AdminJson.Readable.ListingUserBody);
    }

    private static async Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> GetAsync(
        Guid id, ClaimsPrincipal user, UserAdministration users, AccessReader access, AuditLog audit, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(AuditEvents.AdminRead, user.UserId(), id, "user", id.ToString(), null, cancellationToken);
        return await DescribeAsync(id, users, access, cancellationToken);
    }

    private static Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> DisableAsync(
        Guid id, ClaimsPrincipal user, UserAdministration users, AccessReader access, AdminChange change, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, users, access, change, () => users.SetDisabledAsync(id, disabled: true, cancellationToken), cancellationToken);

    private static Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> EnableAsync(
        Guid id, ClaimsPrincipal user, UserAdministration users, AccessReader access, AdminChange change, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, users, access, change, () => users.SetDisabledAsync(id, disabled: false, cancellationToken), cancellationToken);

    private static Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> AssignAsync(
        Guid id, AssignRoleRequest request, ClaimsPrincipal user, UserAdministration users, AccessReader access, AdminChange change, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, users, access, change, () => users.AssignAsync(id, request, cancellationToken), cancellationToken);

    private static Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> RevokeAsync(
        Guid id,
        string role,
        string? context_type,
        string? context_id,
        ClaimsPrincipal user,
        UserAdministration users,
        AccessReader access,
        AdminChange change,
        CancellationToken cancellationToken) =>
        ChangeAsync(id, user, users, access, change, () => users.RevokeAsync(id, role, context_type, context_id, cancellationToken), cancellationToken);

    private static Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> GrantAsync(
        Guid id,
        GrantPermissionRequest request,
        ClaimsPrincipal user,
        UserAdministration users,
        DirectGrants grants,
        AccessReader access,
        AdminChange change,
        CancellationToken cancellationToken) =>
        ChangeAsync(id, user, users, access, change, () => grants.SetAsync(id, request, cancellationToken), cancellationToken);

    private static Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> RemoveAsync(
        Guid id,
        Guid permissionId,
        string? context_type,
        string? context_id,
        ClaimsPrincipal user,
        UserAdministration users,
        DirectGrants grants,
        AccessReader access,
        AdminChange change,
        CancellationToken cancellationToken) =>
        ChangeAsync(id, user, users, access, change, () => grants.RemoveAsync(id, permissionId, context_type, context_id, cancellationToken), cancellationToken);

    private static async Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> ChangeAsync(
        Guid id, ClaimsPrincipal user, UserAdministration users, AccessReader access, AdminChange change, Func<Task<AdminError?>> run, CancellationToken cancellationToken) =>
        await change.RunAsync(user, run, cancellationToken) is { } error ? error.ToResult() : await DescribeAsync(id, users, access, cancellationToken);

    private static async Task<Results<JsonHttpResult<UserDetails>, JsonHttpResult<ErrorBody>>> DescribeAsync(
        Guid id, UserAdministration users, AccessReader access, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(id, cancellationToken) is not { } found)
            return AdminError.NotFound($"User {id}").ToResult();
        return TypedResults.Json(
            new UserDetails(
                found,
                await users.RolesAsync(id, cancellationToken),
                await users.PermissionsAsync(id, cancellationToken),
                await access.ReadAsync(id, [], cancellationToken)),
            AdminJson.Readable.UserDetails);
    }

    private static AdminError? CheckSort(string? sort) => sort is null or Newest or ByEmail ? null : AdminError.Invalid($"sort must be {Newest} or {ByEmail}");

    internal static AdminError? CheckText(string? text) =>
        text is null || (text.Length <= 500 && AdminText.IsStorable(text)) ? null : AdminError.Invalid("A search text must be valid Unicode of at most 500 characters");
}

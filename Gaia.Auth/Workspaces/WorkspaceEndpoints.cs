using System.Security.Claims;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Workspaces;

internal static class WorkspaceEndpoints
{
    internal static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        var workspaces = routes.MapGroup("/workspaces").RequirePermission("admin", "users");
        workspaces.MapGet("", ListAsync).WithSummary("List workspaces by name").Produces<Listing<WorkspaceBody>>();
        workspaces.MapGet("{id:guid}", GetAsync).WithSummary("One workspace").Produces<WorkspaceBody>();
        workspaces.MapPost("", CreateAsync).WithSummary("Make a workspace").Produces<WorkspaceBody>(StatusCodes.Status201Created);
        workspaces.MapPatch("{id:guid}", UpdateAsync).WithSummary("Change a workspace, archive it, or bring it back").Produces<WorkspaceBody>();
        workspaces.MapDelete("{id:guid}", DeleteAsync).WithSummary("Delete a workspace");
        workspaces.MapGet("{id:guid}/members", ListMembersAsync).WithSummary("List its members").Produces<Listing<WorkspaceMember>>();
        workspaces.MapPut("{id:guid}/members/{userId:guid}", AddMemberAsync).WithSummary("Add a member");
        workspaces.MapDelete("{id:guid}/members/{userId:guid}", RemoveMemberAsync).WithSummary("Remove a member");
    }

    private static async Task<Results<JsonHttpResult<Listing<WorkspaceBody>>, JsonHttpResult<ErrorBody>>> ListAsync(
        string? status, int? limit, int? offset, WorkspaceStore workspaces, CancellationToken cancellationToken) =>
        (Page.TryRead(limit, offset, out var page) ?? UserAdministrationEndpoints.CheckText(status)) is { } error
            ? error.ToResult()
            : TypedResults.Json(page.Show(await workspaces.ListAsync(status, page, cancellationToken)), AdminJson.Readable.ListingWorkspaceBody);

    private static Task<Results<JsonHttpResult<WorkspaceBody>, JsonHttpResult<ErrorBody>>> GetAsync(Guid id, WorkspaceStore workspaces, CancellationToken cancellationToken) =>
        DescribeAsync(id, workspaces, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<JsonHttpResult<WorkspaceBody>, JsonHttpResult<ErrorBody>>> CreateAsync(
        CreateWorkspaceRequest request, ClaimsPrincipal user, WorkspaceStore workspaces, AdminChange change, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        return await change.RunAsync(user, () => workspaces.CreateAsync(id, request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(id, workspaces, StatusCodes.Status201Created, cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<WorkspaceBody>, JsonHttpResult<ErrorBody>>> UpdateAsync(
        Guid id, UpdateWorkspaceRequest request, ClaimsPrincipal user, WorkspaceStore workspaces, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => workspaces.UpdateAsync(id, request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(id, workspaces, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> DeleteAsync(
        Guid id, ClaimsPrincipal user, WorkspaceStore workspaces, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => workspaces.DeleteAsync(id, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<JsonHttpResult<Listing<WorkspaceMember>>, JsonHttpResult<ErrorBody>>> ListMembersAsync(
        Guid id, int? limit, int? offset, ClaimsPrincipal user, WorkspaceStore workspaces, AuditLog audit, CancellationToken cancellationToken)
    {
        if (Page.TryRead(limit, offset, out var page) is { } error)
            return error.ToResult();
        await audit.WriteAsync(AuditEvents.AdminRead, user.UserId(), null, "workspace_members", id.ToString(), null, cancellationToken);
        return await workspaces.FindAsync(id, cancellationToken) is null
            ? AdminError.NotFound($"Workspace {id}").ToResult()
            : TypedResults.Json(page.Show(await workspaces.MembersAsync(id, page, cancellationToken)), AdminJson.Readable.ListingWorkspaceMember);
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> AddMemberAsync(
        Guid id, Guid userId, ClaimsPrincipal user, WorkspaceStore workspaces, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => workspaces.AddMemberAsync(id, userId, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RemoveMemberAsync(
        Guid id, Guid userId, ClaimsPrincipal user, WorkspaceStore workspaces, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => workspaces.RemoveMemberAsync(id, userId, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<JsonHttpResult<WorkspaceBody>, JsonHttpResult<ErrorBody>>> DescribeAsync(
        Guid id, WorkspaceStore workspaces, int status, CancellationToken cancellationToken) =>
        await workspaces.FindAsync(id, cancellationToken) is { } workspace
            ? TypedResults.Json(workspace, AdminJson.Readable.WorkspaceBody, statusCode: status)
            : AdminError.NotFound($"Workspace {id}").ToResult();
}

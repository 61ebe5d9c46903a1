using System.Security.Claims;
using Gaia.Auth.Admin;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Teams;

internal static class TeamEndpoints
{
    internal static void MapTeams(this IEndpointRouteBuilder routes)
    {
        var teams = routes.MapGroup("/teams").RequirePermission("admin", "users");
        teams.MapGet("", ListAsync).WithSummary("List teams by name").Produces<Listing<TeamBody>>();
        teams.MapGet("{id:guid}", GetAsync).WithSummary("One team with those above and below it").Produces<TeamDetails>();
        teams.MapPost("", CreateAsync).WithSummary("Make a team").Produces<TeamDetails>(StatusCodes.Status201Created);
        teams.MapPatch("{id:guid}", UpdateAsync).WithSummary("Change a team, move it, or archive it").Produces<TeamDetails>();
        teams.MapDelete("{id:guid}", DeleteAsync).WithSummary("Delete a team with none below it");
        teams.MapGet("{id:guid}/members", ListMembersAsync).WithSummary("List its members").Produces<Listing<TeamMember>>();
        teams.MapPut("{id:guid}/members/{userId:guid}", SetMemberAsync).WithSummary("Add a member, or change what it is in the team");
        teams.MapDelete("{id:guid}/members/{userId:guid}", RemoveMemberAsync).WithSummary("Remove a member");
    }

    private static async Task<Results<JsonHttpResult<Listing<TeamBody>>, JsonHttpResult<ErrorBody>>> ListAsync(
        int? limit, int? offset, TeamStore teams, CancellationToken cancellationToken) => Page.TryRead(limit, offset, out var page) is { } error
            ? error.ToResult()
            : TypedResults.Json(page.Show(await teams.ListAsync(page, cancellationToken)), AdminJson.Readable.ListingTeamBody);

    private static Task<Results<JsonHttpResult<TeamDetails>, JsonHttpResult<ErrorBody>>> GetAsync(Guid id, TeamStore teams, CancellationToken cancellationToken) =>
        DescribeAsync(id, teams, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<JsonHttpResult<TeamDetails>, JsonHttpResult<ErrorBody>>> CreateAsync(
        CreateTeamRequest request, ClaimsPrincipal user, TeamStore teams, AdminChange change, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        return await change.RunAsync(user, () => teams.CreateAsync(id, request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(id, teams, StatusCodes.Status201Created, cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<TeamDetails>, JsonHttpResult<ErrorBody>>> UpdateAsync(
        Guid id, UpdateTeamRequest request, ClaimsPrincipal user, TeamStore teams, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => teams.UpdateAsync(id, request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : await DescribeAsync(id, teams, StatusCodes.Status200OK, cancellationToken);

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> DeleteAsync(
        Guid id, ClaimsPrincipal user, TeamStore teams, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => teams.DeleteAsync(id, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<JsonHttpResult<Listing<TeamMember>>, JsonHttpResult<ErrorBody>>> ListMembersAsync(
        Guid id, int? limit, int? offset, ClaimsPrincipal user, TeamStore teams, AuditLog audit, CancellationToken cancellationToken)
    {
        if (Page.TryRead(limit, offset, out var page) is { } error)
            return error.ToResult();
        await audit.WriteAsync(AuditEvents.AdminRead, user.UserId(), null, "team_members", id.ToString(), null, cancellationToken);
        return await teams.FindAsync(id, cancellationToken) is null
            ? AdminError.NotFound($"Team {id}").ToResult()
            : TypedResults.Json(page.Show(await teams.MembersAsync(id, page, cancellationToken)), AdminJson.Readable.ListingTeamMember);
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> SetMemberAsync(
        Guid id, Guid userId, SetTeamMemberRequest request, ClaimsPrincipal user, TeamStore teams, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => teams.SetMemberAsync(id, userId, request, cancellationToken), cancellationToken) is { } error
            ? error.ToResult()
            : TypedResults.NoContent();

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RemoveMemberAsync(
        Guid id, Guid userId, ClaimsPrincipal user, TeamStore teams, AdminChange change, CancellationToken cancellationToken) =>
        await change.RunAsync(user, () => teams.RemoveMemberAsync(id, userId, cancellationToken), cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<JsonHttpResult<TeamDetails>, JsonHttpResult<ErrorBody>>> DescribeAsync(Guid id, TeamStore teams, int status, CancellationToken cancellationToken) =>
        await teams.FindAsync(id, cancellationToken) is { } team
            ? TypedResults.Json(
                new TeamDetails(team, await teams.AboveAsync(id, cancellationToken), await teams.BelowAsync(id, cancellationToken)), AdminJson.Readable.TeamDetails, statusCode: status)
            : AdminError.NotFound($"Team {id}").ToResult();
}

using System.Security.Claims;
using System.Text.Json.Nodes;
using Gaia.Auth.Audit;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Admin;

internal static class KeyAdministrationEndpoints
{
    private static readonly string[] Sorts = ["newest", "used", "user"];

    internal static void MapKeyAdministration(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/keys").RequirePermission("admin", "users");
        keys.MapGet("", ListAsync)
            .WithSummary("List the API keys of all users")
            .WithDescription("The newest first; with `sort=used` those used last, with `sort=user` by the owner's address.")
            .Produces<Listing<AdminKeyBody>>();
        keys.MapDelete("{id:guid}", RevokeAsync).WithSummary("Revoke anybody's API key");
        keys.MapPut("{id:guid}/rate-limit", LimitAsync).WithSummary("Give an API key a limit of its own, or take it back");
    }

    private static async Task<Results<JsonHttpResult<Listing<AdminKeyBody>>, JsonHttpResult<ErrorBody>>> ListAsync(
        Guid? user_id,
        string? search,
        bool? active,
        bool? limited,
        string? sort,
        int? limit,
        int? offset,
        ClaimsPrincipal user,
        KeyAdministration keys,
        AuditLog audit,
        CancellationToken cancellationToken)
    {
        sort ??= Sorts[0];
        var error = Page.TryRead(limit, offset, out var page) ?? UserAdministrationEndpoints.CheckText(search)
            ?? (Sorts.Contains(sort) ? null : AdminError.Invalid($"sort must be one of {string.Join(", ", Sorts)}"));
        if (error is not null)
            return error.ToResult();
        await audit.WriteAsync(
            AuditEvents.AdminRead, user.UserId(), user_id, "api_keys", null, new JsonObject { ["search"] = search, ["offset"] = page.Offset }, cancellationToken);
        var found = await keys.ListAsync(new KeyFilter(user_id, search, active == true, limited == true, sort), page, cancellationToken);
        return TypedResults.Json(page.Show(found), AdminJson.Readable.ListingAdminKeyBody);
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RevokeAsync(
        Guid id, ClaimsPrincipal user, KeyAdministration keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(user, id, cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> LimitAsync(
        Guid id, LimitKeyRequest request, ClaimsPrincipal user, KeyAdministration keys, CancellationToken cancellationToken) =>
        await keys.LimitAsync(user, id, request.RateLimit, cancellationToken) is { } error ? error.ToResult() : TypedResults.NoContent();
}

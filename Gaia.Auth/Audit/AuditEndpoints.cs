using System.Security.Claims;
using System.Text.Json.Nodes;
using Gaia.Auth.Admin;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.Audit;

internal static class AuditEndpoints
{
    internal static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/audit", ReadAsync)
            .Produces<AuditPage>()
            .RequirePermission("admin", "system|users")
            .WithSummary("Security events, the newest first");

    private static async Task<Results<JsonHttpResult<AuditPage>, JsonHttpResult<ErrorBody>>> ReadAsync(
        string? actor_id,
        string? target_user_id,
        string? user_id,
        string? event_type,
        DateTime? since,
        DateTime? until,
        string? cursor,
        int? limit,
        ClaimsPrincipal user,
        AuditReader reader,
        AuditLog audit,
        CancellationToken cancellationToken)
    {
        var error = Page.TryRead(limit, offset: null, out var page) ?? AuditCursor.TryRead(cursor, out _)
            ?? UserAdministrationEndpoints.CheckText(actor_id) ?? UserAdministrationEndpoints.CheckText(target_user_id) ?? UserAdministrationEndpoints.CheckText(user_id) ?? UserAdministrationEndpoints.CheckText(event_type);
        if (error is not null)
            return error.ToResult();
        _ = AuditCursor.TryRead(cursor, out var after);
        var filter = new AuditFilter(actor_id, target_user_id, user_id, event_type, Naive(since), Naive(until));
        var found = await reader.ReadAsync(filter, after, page.Limit, cancellationToken);
        // Whoever reads it is in it, after what was read.
        await audit.WriteAsync(AuditEvents.AdminRead, user.UserId(), null, "audit", null, new JsonObject
        {
            ["actor_id"] = actor_id,
            ["target_user_id"] = target_user_id,
            ["user_id"] = user_id,
            ["event_type"] = event_type,
        }, cancellationToken);
        return TypedResults.Json(found, AdminJson.Readable.AuditPage);
    }

    /// <summary>A time without an offset is UTC.</summary>
    private static DateTime? Naive(DateTime? time) =>
        time is { } given ? DateTime.SpecifyKind(given.Kind == DateTimeKind.Local ? given.ToUniversalTime() : given, DateTimeKind.Unspecified) : null;
}

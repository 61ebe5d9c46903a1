using System.Security.Claims;
using System.Text.Json;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations.Sharing;

internal static class ShareEndpoints
{
    private const string SharedPath = "/api/v1/shared";
    private const int MaxHours = 87_600;
    private const int SharedPage = 100;

    internal static void MapSharing(this IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup("/api/v1/conversations/{id}").WithTags("Conversations").RequirePermission("chat", "read");
        var writes = routes.MapGroup("/api/v1/conversations/{id}").WithTags("Conversations").RequirePermission("chat", "create");
        writes.MapPost("share", CreateAsync)
            .WithSummary("Share a conversation by a link")
            .WithDescription(
                "Whoever has the link reads, without signing in, what had been said and still stood when it was made. " +
                "The token is shown this once. `url` is a path: put the address before it under which clients reach the gateway.")
            .WithBody<NewShareBody>(isOptional: true)
            .Produces<CreatedShare>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        reads.MapGet("shares", ListAsync)
            .WithSummary("List the links to a conversation that are good now")
            .Produces<ShareList>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapDelete("shares/{shareId}", RevokeAsync)
            .WithSummary("Revoke a link")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        routes.MapGet($"{SharedPath}/{{token}}", OpenAsync)
            .WithTags("Conversations")
            .WithSummary("Read a shared conversation")
            .WithDescription(
                "A link that never was, has expired or was revoked, or whose conversation is deleted, is not found. " +
                "At most `limit` messages (100 unless told), the oldest first; the next page begins at `next_offset`.")
            .Produces<SharedConversation>()
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .AllowAnonymous();
    }

    private static async Task<Results<JsonHttpResult<CreatedShare>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> CreateAsync(
        string id, HttpContext http, ClaimsPrincipal user, ShareStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        var expiresAt = ReadExpiry(body, time.GetNaiveUtcNow(), out var mistake);
        if (mistake is not null)
            return mistake;

        var (share, token) = (Guid.CreateVersion7(), ShareToken.Create());
        if (!Guid.TryParse(id, out var key) || !await store.CreateAsync(user.UserId(), key, share, ShareToken.Hash(token), expiresAt, cancellationToken))
            return ConversationEndpoints.NotFound();
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new CreatedShare(share, token, $"{SharedPath}/{token}", expiresAt), ConversationJson.Readable.CreatedShare, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<JsonHttpResult<ShareList>, JsonHttpResult<ErrorBody>>> ListAsync(
        string id, ClaimsPrincipal user, ShareStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.ListAsync(user.UserId(), key, cancellationToken) is { } shares
            ? TypedResults.Json(new ShareList(shares), ConversationJson.Readable.ShareList)
            : ConversationEndpoints.NotFound();

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> RevokeAsync(
        string id, string shareId, ClaimsPrincipal user, ShareStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && Guid.TryParse(shareId, out var share) && await store.RevokeAsync(user.UserId(), key, share, cancellationToken)
            ? TypedResults.NoContent()
            : LegacyResults.NotFound("Link not found");

    private static async Task<Results<JsonHttpResult<SharedConversation>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> OpenAsync(
        string token, int? limit, int? offset, HttpContext http, ShareStore store, CancellationToken cancellationToken)
    {
        if (ConversationRequest.CheckLimit(limit) is { } wrong)
            return wrong;
        if (offset < 0)
            return LegacyResults.Invalid("greater_than_equal", "offset must be 0 or more", "query", "offset");
        // What is revoked has to be gone at once.
        http.Response.Headers.CacheControl = "no-store";
        return ShareToken.IsPossible(token) && await store.OpenAsync(ShareToken.Hash(token), offset ?? 0, limit ?? SharedPage, cancellationToken) is { } shared
            ? TypedResults.Json(shared, ConversationJson.Readable.SharedConversation)
            : LegacyResults.NotFound("This link leads to nothing: it never was, has expired, or was revoked");
    }

    /// <summary>When the link ends, in UTC of unspecified kind; null for never.</summary>
    private static DateTime? ReadExpiry(JsonBody body, DateTime now, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        var hasHours = body.TryGet("expires_in_hours", out var hours);
        if (!body.TryGet("expires_at", out var at))
        {
            if (!hasHours)
                return null;
            if (hours.ValueKind == JsonValueKind.Number && hours.TryGetDouble(out var count) && count is > 0 and <= MaxHours)
                return now.AddHours(count);
            mistake = LegacyResults.Invalid("float_range", $"expires_in_hours must be a number above 0, at most {MaxHours}", "body", "expires_in_hours");
            return null;
        }

        if (hasHours)
            mistake = LegacyResults.Invalid("value_error", "Send expires_at or expires_in_hours, not both", "body", "expires_in_hours");
        else if (!JsonBody.TryReadText(at, out _, out mistake, "expires_at"))
            return null;
        else if (!JsonBody.TryReadUtc(at, out var end))
            mistake = LegacyResults.Invalid("datetime_parsing", "expires_at must be a time in ISO 8601, such as 2030-01-31T00:00:00Z", "body", "expires_at");
        else if (end <= now)
            mistake = LegacyResults.Invalid("value_error", "expires_at must be in the future", "body", "expires_at");
        else
            return DateTime.SpecifyKind(end, DateTimeKind.Unspecified);
        return null;
    }
}

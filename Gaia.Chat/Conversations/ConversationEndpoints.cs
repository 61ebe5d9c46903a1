using System.Security.Claims;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations;

internal static class ConversationEndpoints
{
    internal static void MapConversations(this IEndpointRouteBuilder routes)
    {
        // All of them are about the caller's own: to delete one of those is part of chatting, chat:delete is for those of others.
        var reads = routes.MapGroup("/api/v1/conversations").WithTags("Conversations").RequirePermission("chat", "read");
        var writes = routes.MapGroup("/api/v1/conversations").WithTags("Conversations").RequirePermission("chat", "create");
        writes.MapPost("", CreateAsync)
            .WithSummary("Create a conversation")
            .WithBody<NewConversationBody>(isOptional: true)
            .Produces<ConversationBody>(StatusCodes.Status201Created)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        DescribeList(reads.MapGet("", ListAsync));
        DescribeList(routes.MapGet("/api/v1/chat/conversations", ListAsync).WithTags("Conversations").RequirePermission("chat", "read"));
        reads.MapGet("stats", CountAsync)
            .WithSummary("Count the caller's conversations and messages")
            .WithDescription("Archived ones count, deleted ones do not.")
            .Produces<ConversationStats>();
        reads.MapGet("{id}", GetAsync)
            .WithSummary("Get a conversation")
            .Produces<ConversationBody>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapPut("{id}", RenameAsync)
            .WithSummary("Rename a conversation")
            .WithBody<RenameConversationBody>()
            .Produces<ConversationBody>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        writes.MapPatch("{id}", ChangeAsync)
            .WithSummary("Rename, pin or archive a conversation")
            .WithDescription("`updated_at` stays: it is the time of the last message.")
            .WithBody<ChangeConversationBody>()
            .Produces<ConversationBody>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        writes.MapDelete("{id}", DeleteAsync)
            .WithSummary("Delete a conversation")
            .WithDescription("`POST …/restore` takes it back.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapPost("{id}/restore", RestoreAsync)
            .WithSummary("Take back the deletion of a conversation")
            .WithDescription("At any time. A conversation that is not deleted stays as it is.")
            .Produces<ConversationBody>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapPost("{id}/branch", BranchAsync)
            .WithSummary("Begin a conversation with a copy of what was said up to a message")
            .WithBody<BranchBody>()
            .Produces<ConversationBody>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
    }

    internal static JsonHttpResult<ErrorBody> NotFound() => LegacyResults.NotFound("Conversation not found");

    private static void DescribeList(RouteHandlerBuilder endpoint) => endpoint
        .WithSummary("List the caller's conversations")
        .WithDescription(
            "The one last spoken in first; with `sort=pinned` those that are pinned before all others. Without `limit` all of them. " +
            "`archived` is `false` (the default: those that are not), `true` (those alone) or `all`.")
        .Produces<ConversationList>()
        .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ValidationErrorBody>>> CreateAsync(
        HttpContext http, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!ConversationRequest.TryGetTitle(body, blankIsAbsent: true, out var title, out var mistake))
            return mistake;
        var created = await store.CreateAsync(user.UserId(), title ?? Conversation.DefaultTitle, cancellationToken);
        return TypedResults.Json(created, ConversationJson.Readable.ConversationBody, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<JsonHttpResult<ConversationList>, JsonHttpResult<ValidationErrorBody>>> ListAsync(
        int? limit, string? cursor, string? archived, string? sort, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        if (ConversationRequest.CheckLimit(limit) is { } wrong)
            return wrong;
        if (sort is not (null or "" or "updated" or "pinned"))
            return LegacyResults.Invalid("enum", "sort must be updated or pinned", "query", "sort");
        if (archived is not (null or "" or "false" or "true" or "all"))
            return LegacyResults.Invalid("enum", "archived must be false, true or all", "query", "archived");
        var page = new ConversationPage(PinnedFirst: sort == "pinned", archived switch { "all" => null, "true" => true, _ => false }, limit);
        if (!Cursor.TryRead(cursor, page.Name, out var after))
            return ConversationRequest.WrongCursor();
        return TypedResults.Json(await store.ListAsync(user.UserId(), page, after, cancellationToken), ConversationJson.Readable.ConversationList);
    }

    private static async Task<JsonHttpResult<ConversationStats>> CountAsync(ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        TypedResults.Json(await store.CountAsync(user.UserId(), cancellationToken), ConversationJson.Readable.ConversationStats);

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>>> GetAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Show(Guid.TryParse(id, out var key) ? await store.FindAsync(user.UserId(), key, cancellationToken) : null);

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> RenameAsync(
        string id, HttpContext http, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!ConversationRequest.TryGetTitle(body, blankIsAbsent: false, out var title, out var mistake)
            || !ConversationRequest.TryGetPreview(body, out var preview, out mistake))
        {
            return mistake;
        }

        return await StoreAsync(id, new ConversationChange(title, preview), user, store, cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> ChangeAsync(
        string id, HttpContext http, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!ConversationRequest.TryGetTitle(body, blankIsAbsent: false, out var title, out var mistake)
            || !ConversationRequest.TryGetFlag(body, "is_pinned", out var pinned, out mistake)
            || !ConversationRequest.TryGetFlag(body, "is_archived", out var archived, out mistake))
        {
            return mistake;
        }

        return await StoreAsync(id, new ConversationChange(title, Preview: null, pinned, archived), user, store, cancellationToken);
    }

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> StoreAsync(
        string id, ConversationChange change, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.ChangeAsync(user.UserId(), key, change, cancellationToken) is { } changed
            ? TypedResults.Json(changed, ConversationJson.Readable.ConversationBody)
            : NotFound();

    internal static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> DeleteAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.DeleteAsync(user.UserId(), key, cancellationToken)
            ? TypedResults.NoContent()
            : NotFound();

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>>> RestoreAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Show(Guid.TryParse(id, out var key) ? await store.RestoreAsync(user.UserId(), key, cancellationToken) : null);

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> BranchAsync(
        string id, HttpContext http, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: false, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!ConversationRequest.TryGetId(body, "message_id", out var messageId, out var mistake)
            || !ConversationRequest.TryGetTitle(body, blankIsAbsent: true, out var title, out mistake))
        {
            return mistake;
        }

        return Guid.TryParse(id, out var key) && await store.BranchAsync(user.UserId(), key, messageId, title, cancellationToken) is { } branch
            ? TypedResults.Json(branch, ConversationJson.Readable.ConversationBody, statusCode: StatusCodes.Status201Created)
            : LegacyResults.NotFound("Message not found in this conversation");
    }

    private static Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>> Show(ConversationBody? conversation) =>
        conversation is null ? NotFound() : TypedResults.Json(conversation, ConversationJson.Readable.ConversationBody);
}

using System.Security.Claims;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations;

internal static class ConversationEndpoints
{
    private const int MaxBodySize = 16 * 1024;

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
        reads.MapGet("", ListAsync)
            .WithSummary("List the caller's conversations")
            .WithDescription("The one last spoken in first.")
            .Produces<ConversationList>();
        reads.MapGet("{id}", GetAsync)
            .WithSummary("Get a conversation")
            .Produces<ConversationBody>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        reads.MapGet("{id}/messages", GetMessagesAsync)
            .WithSummary("Get the messages of a conversation")
            .WithDescription("The oldest first.")
            .Produces<MessageList>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapDelete("{id}", DeleteAsync)
            .WithSummary("Delete a conversation")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ValidationErrorBody>>> CreateAsync(
        HttpContext http, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!body.TryGetText("title", out var title, out var mistake))
            return mistake;
        if (title?.Length > Conversation.MaxTitleLength)
            return LegacyResults.Invalid("string_too_long", $"title must have at most {Conversation.MaxTitleLength} characters", "body", "title");

        var created = await store.CreateAsync(user.UserId(), string.IsNullOrWhiteSpace(title) ? Conversation.DefaultTitle : title, cancellationToken);
        return TypedResults.Json(created, ConversationJson.Readable.ConversationBody, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<ConversationList>> ListAsync(ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        TypedResults.Json(new ConversationList(await store.ListAsync(user.UserId(), cancellationToken)), ConversationJson.Readable.ConversationList);

    private static async Task<Results<JsonHttpResult<ConversationBody>, JsonHttpResult<ErrorBody>>> GetAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.FindAsync(user.UserId(), key, cancellationToken) is { } conversation
            ? TypedResults.Json(conversation, ConversationJson.Readable.ConversationBody)
            : NotFound();

    private static async Task<Results<JsonHttpResult<MessageList>, JsonHttpResult<ErrorBody>>> GetMessagesAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.MessagesAsync(user.UserId(), key, cancellationToken) is { } messages
            ? TypedResults.Json(new MessageList(messages), ConversationJson.Readable.MessageList)
            : NotFound();

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> DeleteAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.DeleteAsync(user.UserId(), key, cancellationToken)
            ? TypedResults.NoContent()
            : NotFound();

    private static JsonHttpResult<ErrorBody> NotFound() => LegacyResults.NotFound("Conversation not found");
}

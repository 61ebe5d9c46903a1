using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Text.Json;
using Gaia.Chat.Completions;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Conversations.Messages;

internal static class MessageEndpoints
{
    internal static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup("/api/v1/conversations/{id}/messages").WithTags("Conversations").RequirePermission("chat", "read");
        var writes = routes.MapGroup("/api/v1/conversations/{id}/messages").WithTags("Conversations").RequirePermission("chat", "create");
        reads.MapGet("", ReadAsync)
            .WithSummary("Get the messages of a conversation")
            .WithDescription(
                "The oldest first. Without `limit` all of them; with it the newest, with `before` (the id of a message) the newest before that one, " +
                "and with `after` the oldest after that one.")
            .Produces<MessageList>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        reads.MapGet("{messageId}", GetAsync)
            .WithSummary("Get a message, and what it took to make it")
            .Produces<MessageDetails>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapPost("", AddAsync)
            .WithSummary("Add a message to a conversation")
            .WithDescription("No model is asked for an answer.")
            .WithBody<NewMessageBody>()
            .Produces<MessageBody>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        writes.MapDelete("", ClearAsync)
            .WithSummary("Remove all messages of a conversation")
            .WithDescription("For good: this is not taken back.")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<JsonHttpResult<MessageList>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> ReadAsync(
        string id, int? limit, string? before, string? after, ClaimsPrincipal user, MessageStore store, CancellationToken cancellationToken)
    {
        if (ConversationRequest.CheckLimit(limit) is { } wrong)
            return wrong;
        if (!string.IsNullOrEmpty(before) && !string.IsNullOrEmpty(after))
            return LegacyResults.Invalid("value_error", "Send before or after, not both", "query", "after");
        if (!Guid.TryParse(id, out var key))
            return ConversationEndpoints.NotFound();
        if (string.IsNullOrEmpty(before) && string.IsNullOrEmpty(after))
        {
            return await store.ReadAsync(user.UserId(), key, limit, cancellationToken) is { } newest
                ? TypedResults.Json(newest, ConversationJson.Readable.MessageList)
                : ConversationEndpoints.NotFound();
        }

        var (name, place) = string.IsNullOrEmpty(before) ? ("after", after) : ("before", before);
        return Guid.TryParse(place, out var message)
            && await store.ReadAroundAsync(user.UserId(), key, message, isBefore: name == "before", limit, cancellationToken) is { } page
                ? TypedResults.Json(page, ConversationJson.Readable.MessageList)
                : LegacyResults.NotFound($"Message not found in this conversation: {name} must be the id of one of its messages");
    }

    private static async Task<Results<JsonHttpResult<MessageDetails>, JsonHttpResult<ErrorBody>>> GetAsync(
        string id, string messageId, ClaimsPrincipal user, MessageStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && Guid.TryParse(messageId, out var message) && await store.FindAsync(user.UserId(), key, message, cancellationToken) is { } found
            ? TypedResults.Json(found, ConversationJson.Readable.MessageDetails)
            : LegacyResults.NotFound("Message not found in this conversation");

    private static async Task<Results<JsonHttpResult<MessageBody>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> AddAsync(
        string id, HttpContext http, ClaimsPrincipal user, MessageStore store, IOptions<ChatSettings> settings, CancellationToken cancellationToken)
    {
        NewMessage? message;
        using (var body = await JsonBody.ReadAsync(http.Request, RequestReader.MaxBodySize, emptyIsObject: false, cancellationToken))
        {
            if (!TryRead(body, settings.Value.MaxMessageLength, out message, out var mistake))
                return mistake;
        }

        return Guid.TryParse(id, out var key) && await store.AddAsync(user.UserId(), key, message, cancellationToken) is { } added
            ? TypedResults.Json(added, ConversationJson.Readable.MessageBody, statusCode: StatusCodes.Status201Created)
            : ConversationEndpoints.NotFound();
    }

    private static async Task<Results<NoContent, JsonHttpResult<ErrorBody>>> ClearAsync(
        string id, ClaimsPrincipal user, MessageStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.ClearAsync(user.UserId(), key, cancellationToken)
            ? TypedResults.NoContent()
            : ConversationEndpoints.NotFound();

    private static bool TryRead(
        JsonBody body, int maxLength, [NotNullWhen(true)] out NewMessage? message, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        message = null;
        mistake = body.Error;
        if (mistake is not null
            || !body.TryGetText("role", out var role, out mistake)
            || !body.TryGetText("content", out var content, out mistake)
            || !TryGetName(body, "model", Message.MaxModelLength, out var model, out mistake)
            || !TryGetName(body, "provider", Message.MaxProviderLength, out var provider, out mistake)
            || !TryGetCount(body, "tokens_used", out var tokens, out mistake))
        {
            return false;
        }

        if (role is not (Message.User or Message.Assistant or Message.System))
            mistake = LegacyResults.Invalid("enum", "role must be user, assistant or system", "body", "role");
        else if (string.IsNullOrWhiteSpace(content))
            mistake = LegacyResults.Invalid("missing", "content is missing: say what the message says", "body", "content");
        else if (content.Length > maxLength)
            mistake = LegacyResults.Invalid("string_too_long", $"content must have at most {maxLength} characters", "body", "content");
        else
            message = new NewMessage(role, content, model, provider, tokens);
        return message is not null;
    }

    private static bool TryGetName(JsonBody body, string field, int maxLength, out string? name, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (body.TryGetText(field, out name, out mistake) && name?.Length > maxLength)
            mistake = LegacyResults.Invalid("string_too_long", $"{field} must have at most {maxLength} characters", "body", field);
        return mistake is null;
    }

    private static bool TryGetCount(JsonBody body, string field, out int? count, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        count = null;
        mistake = null;
        if (!body.TryGet(field, out var value))
            return true;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0)
            count = number;
        else
            mistake = LegacyResults.Invalid("int_range", $"{field} must be a whole number of at least 0", "body", field);
        return mistake is null;
    }
}

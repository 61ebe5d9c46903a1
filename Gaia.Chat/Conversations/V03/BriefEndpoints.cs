using System.Security.Claims;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations.V03;

/// <summary>The conversations of v0.3: the same ones, in the short form of that family.</summary>
internal static class BriefEndpoints
{
    private static readonly ConversationPage All = new(PinnedFirst: false, Archived: false, Limit: null);

    internal static void MapBriefConversations(this IEndpointRouteBuilder routes)
    {
        var reads = routes.MapGroup("/api/v0.3/conversations").WithTags("Conversations v0.3").RequirePermission("chat", "read");
        var writes = routes.MapGroup("/api/v0.3/conversations").WithTags("Conversations v0.3").RequirePermission("chat", "create");
        reads.MapGet("", ListAsync)
            .WithSummary("List the caller's conversations")
            .WithDescription("The one last spoken in first, without those that are archived.")
            .Produces<BriefConversationList>();
        writes.MapPost("", CreateAsync)
            .WithSummary("Create a conversation")
            .WithBody<NewConversationBody>(isOptional: true)
            .Produces<CreatedBriefConversation>(StatusCodes.Status201Created)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity);
        reads.MapGet("{id}", GetAsync)
            .WithSummary("Get a conversation")
            .Produces<BriefConversation>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
        writes.MapDelete("{id}", ConversationEndpoints.DeleteAsync)
            .WithSummary("Delete a conversation")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonHttpResult<BriefConversationList>> ListAsync(ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        var all = await store.ListAsync(user.UserId(), All, after: null, cancellationToken);
        return TypedResults.Json(new BriefConversationList([.. all.Conversations.Select(Shorten)]), ConversationJson.Readable.BriefConversationList);
    }

    private static async Task<Results<JsonHttpResult<CreatedBriefConversation>, JsonHttpResult<ValidationErrorBody>>> CreateAsync(
        HttpContext http, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!ConversationRequest.TryGetTitle(body, blankIsAbsent: true, out var title, out var mistake))
            return mistake;
        var created = await store.CreateAsync(user.UserId(), title ?? Conversation.DefaultTitle, cancellationToken);
        return TypedResults.Json(
            new CreatedBriefConversation(created.Id, created.Title), ConversationJson.Readable.CreatedBriefConversation, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<JsonHttpResult<BriefConversation>, JsonHttpResult<ErrorBody>>> GetAsync(
        string id, ClaimsPrincipal user, ConversationStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var key) && await store.FindAsync(user.UserId(), key, cancellationToken) is { } conversation
            ? TypedResults.Json(Shorten(conversation), ConversationJson.Readable.BriefConversation)
            : ConversationEndpoints.NotFound();

    private static BriefConversation Shorten(ConversationBody conversation) => new(conversation.Id, conversation.Title, conversation.CreatedAt);
}

using System.Security.Claims;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations.Search;

internal static class SearchEndpoints
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 50;
    private const int MaxQueryLength = 500;

    internal static void MapConversationSearch(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet("/api/v1/conversations/search", FindAsync));
        Describe(routes.MapGet("/api/v1/conversations/search/{query}", FindInPathAsync));
        Describe(routes.MapGet("/api/v1/chat/conversations/search", FindAsync));
    }

    private static void Describe(RouteHandlerBuilder endpoint) => endpoint
        .WithTags("Conversations")
        .WithSummary("Search the caller's conversations")
        .WithDescription(
            "By the words of titles and messages, and by any part of title and preview. All words have to be there, the last one perhaps only begun; " +
            "`\"…\"` finds words that follow each other, `or` either side, and `-` leaves out. The best come first. " +
            "A snippet is plain text: encode it where it is shown.")
        .Produces<FoundConversations>()
        .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
        .RequirePermission("chat", "read");

    private static Task<Results<JsonHttpResult<FoundConversations>, JsonHttpResult<ValidationErrorBody>>> FindInPathAsync(
        string query, int? limit, string? cursor, ClaimsPrincipal user, ConversationSearch search, CancellationToken cancellationToken) =>
        FindAsync(query, limit, cursor, user, search, cancellationToken);

    private static async Task<Results<JsonHttpResult<FoundConversations>, JsonHttpResult<ValidationErrorBody>>> FindAsync(
        string? query, int? limit, string? cursor, ClaimsPrincipal user, ConversationSearch search, CancellationToken cancellationToken)
    {
        query = query?.Trim();
        if (string.IsNullOrEmpty(query))
            return LegacyResults.Invalid("missing", "query is missing: say what to search for", "query", "query");
        if (query.Length > MaxQueryLength || !TextRules.IsStorable(query))
            return LegacyResults.Invalid("value_error", $"query must have at most {MaxQueryLength} characters of valid Unicode", "query", "query");
        if (limit is < 1 or > MaxLimit)
            return LegacyResults.Invalid("int_range", $"limit must be between 1 and {MaxLimit}", "query", "limit");
        if (!ConversationSearch.TryReadCursor(cursor, out var after))
            return ConversationRequest.WrongCursor();
        return TypedResults.Json(
            await search.FindAsync(user.UserId(), query, limit ?? DefaultLimit, after, cancellationToken), ConversationJson.Readable.FoundConversations);
    }
}

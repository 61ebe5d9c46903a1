using System.Security.Claims;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Gaia.Chat.Conversations.Export;

internal static class ExportEndpoints
{
    private const string Markdown = "text/markdown";
    private const string Json = "application/json";

    internal static void MapExport(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/conversations/{id}/export", ExportAsync)
            .WithTags("Conversations")
            .WithSummary("Download a conversation")
            .WithDescription("`format` is `markdown` (the default) or `json`. In Markdown each message is a quotation, so that whatever it holds ends where it ends.")
            .Produces<string>(StatusCodes.Status200OK, Markdown, Json)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .RequirePermission("chat", "read")
            .AddOpenApiOperationTransformer(static (operation, _, _) =>
            {
                if (operation.Responses?["200"] is OpenApiResponse { Content: { } content })
                    content[Json] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } };
                return Task.CompletedTask;
            });

    private static async Task<Results<EmptyHttpResult, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>>> ExportAsync(
        string id, string? format, HttpContext http, ClaimsPrincipal user, ConversationStore store, ExportReader reader, CancellationToken cancellationToken)
    {
        if (format is not (null or "" or "markdown" or "json"))
            return LegacyResults.Invalid("enum", "format must be markdown or json", "query", "format");
        if (!Guid.TryParse(id, out var key) || await store.FindAsync(user.UserId(), key, cancellationToken) is not { } conversation)
            return ConversationEndpoints.NotFound();

        var response = http.Response;
        var isJson = format == "json";
        response.ContentType = isJson ? $"{Json}; charset=utf-8" : $"{Markdown}; charset=utf-8";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(ExportName.Of(conversation.Title, isJson ? ".json" : ".md"));
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.CacheControl = "no-store";

        var messages = reader.ReadAsync(key, cancellationToken);
        if (isJson)
            await JsonExport.WriteAsync(response.BodyWriter, conversation, messages, cancellationToken);
        else
            await MarkdownExport.WriteAsync(response.BodyWriter, conversation, messages, cancellationToken);
        return TypedResults.Empty;
    }
}

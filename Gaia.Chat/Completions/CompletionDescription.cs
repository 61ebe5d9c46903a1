using System.ComponentModel;
using Gaia.Chat.Idempotency;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Gaia.Chat.Completions;

/// <summary>The body of <c>POST /api/v1/chat</c>, for the description of the API: it is read field by field.</summary>
public sealed record ChatRequestBody(
    [property: Description("What the user says. Either this or `messages`.")] string? Message = null,
    [property: Description("OpenAI's form: the last one with the role `user` is what the user says.")] IReadOnlyList<ChatRequestMessage>? Messages = null,
    [property: Description("The conversation to go on with; absent or `new` for a new one.")] string? ConversationId = null,
    [property: Description("The wished model; the default one when absent or unknown.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("Whether the answer is made to its end when the client leaves; `GET /api/v1/conversations/{id}/stream` shows it going on.")] bool? Background = null,
    [property: Description("Whether the answer is made without anybody waiting for it: 202 says which message it will be.")] bool? Detached = null,
    [property: Description("Who speaks, for this answer; the caller's own choice when absent.")] string? PersonaId = null,
    [property: Description("`openai` or `v0.3`.")] string? ResponseFormat = null);

public sealed record ChatRequestMessage(string Role, string Content);

/// <summary>The body of <c>POST /api/v0.3/chat</c>, for the description of the API: it is read field by field.</summary>
public sealed record CleanRequestBody(
    [property: Description("What the user says.")] string Message,
    [property: Description("The conversation to go on with; absent or `new` for a new one.")] string? ConversationId = null,
    [property: Description("The wished model; the default one when absent or unknown.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("Whether the answer is made to its end when the client leaves.")] bool? Background = null,
    [property: Description("Who speaks, for this answer; the caller's own choice when absent.")] string? PersonaId = null);

internal static class CompletionDescription
{
    /// <summary>That an answer may also come as events.</summary>
    internal static Task AddStreamAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.Responses?["200"] is OpenApiResponse { Content: { } content } answer)
        {
            answer.Description = "The answer";
            content["text/event-stream"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        return Task.CompletedTask;
    }

    /// <summary>That a request may come with a key, and that one that comes again too soon is told to wait.</summary>
    internal static RouteHandlerBuilder WithIdempotencyKey(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces<ErrorBody>(StatusCodes.Status409Conflict).AddOpenApiOperationTransformer(AddIdempotencyKeyAsync);

    private static Task AddIdempotencyKeyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = IdempotentAnswers.Header,
            In = ParameterLocation.Header,
            Description = "The same request with the same key gets the same answer for a day, and costs nothing again.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
        });
        return Task.CompletedTask;
    }

    /// <summary>The forms of an answer beside the usual one, and the header that asks for one of them.</summary>
    internal static async Task AddFormsAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "X-Response-Format",
            In = ParameterLocation.Header,
            Description = "`openai` (the default) or `v0.3`.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

        await AddFormAsync<ShortCompletion>(operation, context, cancellationToken);
        await AddStreamAsync(operation, context, cancellationToken);
    }

    /// <summary>That a whole answer may have another form than the usual one.</summary>
    internal static async Task AddFormAsync<T>(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.Responses?["200"] is not OpenApiResponse { Content: { } content } || !content.TryGetValue("application/json", out var whole))
            return;
        context.Document!.AddComponent<IOpenApiSchema>(typeof(T).Name, await context.GetOrCreateSchemaAsync(typeof(T), cancellationToken: cancellationToken));
        content["application/json"] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema { OneOf = [whole.Schema!, new OpenApiSchemaReference(typeof(T).Name, context.Document)] },
        };
    }
}

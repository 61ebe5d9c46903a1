using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Chat.Completions;

/// <summary>The routes that remember inside a conversation: <c>/api/v1/chat</c> and <c>/api/v0.3/chat</c>.</summary>
internal static class CompletionEndpoints
{
    internal static void MapCompletions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/chat", CompleteAsync)
            .WithTags("Chat")
            .WithSummary("Answer a message")
            .WithDescription(
                "Goes on with a conversation, or begins one when `conversation_id` is absent or `new`. With `\"stream\": true` the answer " +
                "comes as events: `chat.completion.chunk` objects as of OpenAI, and at the end `data: [DONE]`. " +
                "With `X-Response-Format: v0.3`, or `response_format` in the body, a whole answer comes in the short form.")
            .WithBody<ChatRequestBody>()
            .Produces<ChatCompletion>()
            .Produces<AnswerBegun>(StatusCodes.Status202Accepted)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .Produces<ErrorBody>(StatusCodes.Status502BadGateway)
            .WithIdempotencyKey()
            .AddOpenApiOperationTransformer(CompletionDescription.AddFormsAsync)
            .RequirePermission("chat", "create");
        routes.MapPost("/api/v0.3/chat", CompleteCleanAsync)
            .WithTags("Chat v0.3")
            .WithSummary("Answer a message, and nothing else")
            .WithDescription(
                "Goes on with a conversation, or begins one when `conversation_id` is absent or `new`. With `\"stream\": true` the answer comes as " +
                "events of the types `metadata`, `content`, `error` and `world_update`; the last one has the type `done`.")
            .WithBody<CleanRequestBody>()
            .Produces<CleanCompletion>()
            .Produces<CleanError>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .Produces<ErrorBody>(StatusCodes.Status502BadGateway)
            .WithIdempotencyKey()
            .AddOpenApiOperationTransformer(CompletionDescription.AddStreamAsync)
            .RequirePermission("chat", "create");
    }

    private static async Task<IResult> CompleteAsync(HttpContext http, Answering answering, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (!RequestReader.TryReadOpen(body, http.Request.Headers, answering.MaxMessageLength, out request, out var mistake))
                return mistake;
        }

        return await answering.AnswerAsync(
            http, request.ToTurn(http, "v1.chat", request.Conversation), CompletionAnswers.InConversation(request.Message, request.ShortForm));
    }

    private static async Task<IResult> CompleteCleanAsync(HttpContext http, Answering answering, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (body.Error is null && !body.TryGet("message", out _))
                return TypedResults.Json(new CleanError("Missing required field: message"), CompletionJson.Readable.CleanError, statusCode: StatusCodes.Status400BadRequest);
            if (!RequestReader.TryReadOpen(body, http.Request.Headers, answering.MaxMessageLength, out request, out var mistake))
                return mistake;
        }

        // An answer and its conversation are all that this route may give.
        return await answering.AnswerAsync(
            http,
            (request with { Detached = false }).ToTurn(http, "v0.3.chat", request.Conversation),
            new AnswerForms(turn => new CleanStream(StreamHead.Of(turn)), CompletionAnswers.Clean));
    }
}

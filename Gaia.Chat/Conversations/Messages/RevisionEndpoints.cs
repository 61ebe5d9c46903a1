using System.ComponentModel;
using System.Security.Claims;
using Gaia.Chat.Completions;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Chat.Conversations.Messages;

/// <summary>The body of <c>POST …/messages/{messageId}/edit</c>, for the description of the API: it is read field by field.</summary>
public sealed record EditBody(
    [property: Description("What the user says instead.")] string Content,
    [property: Description("The wished model; the default one when absent or unknown.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("Whether the answer is made to its end, whoever leaves.")] bool? Background = null,
    [property: Description("Whether the answer is made without anybody waiting for it: 202 says which message it will be.")] bool? Detached = null,
    [property: Description("Who answers; the user's own choice when absent.")] string? PersonaId = null);

/// <summary>The body of <c>POST …/messages/{messageId}/regenerate</c>.</summary>
public sealed record RegenerateBody(
    [property: Description("The wished model; the default one when absent or unknown.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("Whether the answer is made to its end, whoever leaves.")] bool? Background = null,
    [property: Description("Whether the answer is made without anybody waiting for it: 202 says which message it will be.")] bool? Detached = null,
    [property: Description("Who answers; the user's own choice when absent.")] string? PersonaId = null);

/// <summary>Goes on from an earlier message in another way. What is replaced is left out everywhere from then on; a branch keeps both.</summary>
internal static class RevisionEndpoints
{
    internal static void MapRevisions(this IEndpointRouteBuilder routes)
    {
        var writes = routes.MapGroup("/api/v1/conversations/{id}/messages/{messageId}").WithTags("Conversations").RequirePermission("chat", "create");
        Describe(writes.MapPost("edit", EditAsync)
            .WithSummary("Say a message in other words, and have that answered")
            .WithDescription("Of the user's own messages: the new one replaces it and all after it. Answers as `POST /api/v1/chat` does.")
            .WithBody<EditBody>());
        Describe(writes.MapPost("regenerate", RegenerateAsync)
            .WithSummary("Have a message answered anew")
            .WithDescription(
                "The id is that of an answer, or of the message that was answered. The new answer, once it is there, replaces all after that message; " +
                "when none is made all stays as it is. Answers as `POST /api/v1/chat` does.")
            .WithBody<RegenerateBody>(isOptional: true));
    }

    private static void Describe(RouteHandlerBuilder endpoint) => endpoint
        .Produces<ChatCompletion>()
        .Produces<AnswerBegun>(StatusCodes.Status202Accepted)
        .Produces<ErrorBody>(StatusCodes.Status404NotFound)
        .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
        .Produces<ErrorBody>(StatusCodes.Status502BadGateway)
        .WithIdempotencyKey()
        .AddOpenApiOperationTransformer(CompletionDescription.AddFormsAsync);

    private static async Task<IResult> EditAsync(string id, string messageId, HttpContext http, Answering answering, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (body.Error is { } unreadable)
                return unreadable;
            if (!body.TryGetText("content", out var content, out var mistake))
                return mistake;
            if (string.IsNullOrWhiteSpace(content))
                return LegacyResults.Invalid("missing", "content is missing: say what the message says now", "body", "content");
            if (content.Length > answering.MaxMessageLength)
                return LegacyResults.Invalid("string_too_long", $"content must have at most {answering.MaxMessageLength} characters", "body", "content");
            if (!RequestReader.TryReadWishes(body, http.Request.Headers, content, out request, out mistake))
                return mistake;
        }

        return await AnswerAsync(http, answering, request, new TurnMemory.Edited(id, messageId), "v1.conversations.edit");
    }

    private static async Task<IResult> RegenerateAsync(
        string id, string messageId, HttpContext http, ClaimsPrincipal user, MessageStore store, Answering answering, CancellationToken cancellationToken)
    {
        http.Clock().Enter(Stage.RequestValidation);
        using var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: true, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable;
        if (!Guid.TryParse(id, out var conversation) || !Guid.TryParse(messageId, out var message)
            || await store.FindQuestionAsync(user.UserId(), conversation, message, cancellationToken) is not { } question)
            return LegacyResults.NotFound(TurnRefusedException.MissingMessage().Message);
        return RequestReader.TryReadWishes(body, http.Request.Headers, question.Content, out var request, out var mistake)
            ? await AnswerAsync(http, answering, request, new TurnMemory.Again(conversation, question), "v1.conversations.regenerate")
            : mistake;
    }

    private static Task<IResult> AnswerAsync(HttpContext http, Answering answering, ChatRequest request, TurnMemory memory, string route) =>
        answering.AnswerAsync(http, request.ToTurn(http, route, memory), CompletionAnswers.InConversation(request.Message, request.ShortForm));
}

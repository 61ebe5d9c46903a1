using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Gaia.Chat.Completions;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations.Messages;

/// <summary>The body of <c>POST …/messages/{messageId}/edit</c>, for the description of the API: it is read field by field.</summary>
public sealed record EditBody(
    [property: Description("What the user says instead.")] string Content,
    [property: Description("The wished model; the default one when absent or unknown.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("Whether the answer is made to its end, whoever leaves.")] bool? Background = null,
    [property: Description("Who answers; the user's own choice when absent.")] string? PersonaId = null);

/// <summary>The body of <c>POST …/messages/{messageId}/regenerate</c>.</summary>
public sealed record RegenerateBody(
    [property: Description("The wished model; the default one when absent or unknown.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("Whether the answer is made to its end, whoever leaves.")] bool? Background = null,
    [property: Description("Who answers; the user's own choice when absent.")] string? PersonaId = null);

/// <summary>Goes on from an earlier message in another way. What is replaced is left out everywhere from then on; a branch keeps both.</summary>
internal static class RevisionEndpoints
{
    private const int MaxBodySize = 5 * 1024 * 1024;

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
        .Produces<ErrorBody>(StatusCodes.Status404NotFound)
        .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
        .Produces<ErrorBody>(StatusCodes.Status502BadGateway)
        .AddOpenApiOperationTransformer(CompletionDescription.AddFormsAsync);

    private static async Task<IResult> EditAsync(
        string id,
        string messageId,
        HttpContext http,
        ClaimsPrincipal user,
        Answering answering,
        CancellationToken cancellationToken)
    {
        http.Clock().Enter(Stage.RequestValidation);
        Wish? wish;
        string? content;
        using (var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: false, cancellationToken))
        {
            if (!TryRead(body, http.Request.Headers, out wish, out var mistake) || !body.TryGetText("content", out content, out mistake))
                return mistake;
        }

        if (string.IsNullOrWhiteSpace(content))
            return LegacyResults.Invalid("missing", "content is missing: say what the message says now", "body", "content");
        if (content.Length > answering.MaxMessageLength)
            return LegacyResults.Invalid("string_too_long", $"content must have at most {answering.MaxMessageLength} characters", "body", "content");
        return await answering.AnswerAsync(
            http, wish.For(http, user, content, new TurnMemory.Edited(id, messageId), "v1.conversations.edit"), CompletionAnswers.InConversation(content, wish.ShortForm));
    }

    private static async Task<IResult> RegenerateAsync(
        string id,
        string messageId,
        HttpContext http,
        ClaimsPrincipal user,
        MessageStore store,
        Answering answering,
        CancellationToken cancellationToken)
    {
        http.Clock().Enter(Stage.RequestValidation);
        Wish? wish;
        using (var body = await JsonBody.ReadAsync(http.Request, ConversationRequest.MaxBodySize, emptyIsObject: true, cancellationToken))
        {
            if (!TryRead(body, http.Request.Headers, out wish, out var mistake))
                return mistake;
        }

        if (!Guid.TryParse(id, out var conversation) || !Guid.TryParse(messageId, out var message)
            || await store.FindQuestionAsync(user.UserId(), conversation, message, cancellationToken) is not { } question)
        {
            return LegacyResults.NotFound(TurnRefusedException.MissingMessage().Message);
        }

        return await answering.AnswerAsync(
            http,
            wish.For(http, user, question.Content, new TurnMemory.Again(conversation, question), "v1.conversations.regenerate"),
            CompletionAnswers.InConversation(question.Content, wish.ShortForm));
    }

    private static bool TryRead(
        JsonBody body, IHeaderDictionary headers, [NotNullWhen(true)] out Wish? wish, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        wish = null;
        mistake = body.Error;
        if (mistake is not null
            || !body.TryGetText("model", out var model, out mistake)
            || !body.TryGetFlag("stream", out var stream, out mistake)
            || !body.TryGetFlag("background", out var background, out mistake)
            || !body.TryGetText("persona_id", out var personaId, out mistake))
        {
            return false;
        }

        wish = new Wish(model, stream, background, personaId, RequestReader.IsShortForm(body, headers));
        return true;
    }

    private sealed record Wish(string? Model, bool Stream, bool Background, string? PersonaId, bool ShortForm)
    {
        public TurnRequest For(HttpContext http, ClaimsPrincipal user, string message, TurnMemory memory, string route) => new()
        {
            UserId = user.UserId(),
            Message = message,
            Memory = memory,
            Wish = new ModelWish(message) { Model = Model },
            PersonaId = PersonaId,
            Route = route,
            Streamed = Stream,
            Background = Background,
            Clock = http.Clock(),
        };
    }
}

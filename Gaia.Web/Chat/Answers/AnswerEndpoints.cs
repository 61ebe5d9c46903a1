using Gaia.Web.Gateway;
using Gaia.Web.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gaia.Web.Chat.Answers;

/// <summary>
/// Asks for answers and shows them as they are made. Nothing is kept here: the gateway has the message and makes the answer whoever
/// watches, so that each page, also one that was reloaded or is another replica's, watches it in the same way.
/// </summary>
internal static class AnswerEndpoints
{
    internal static void MapAnswers(this IEndpointRouteBuilder routes)
    {
        var asks = routes.MapGroup("").AddEndpointFilter(ChatFilters.AboveInput);
        asks.MapPost("/api/chat/send", SendAsync).DisableAntiforgery().TakesMessage();
        asks.MapPost("/chat/{id:guid}/messages/{messageId:guid}/edit", EditAsync).DisableAntiforgery().TakesMessage();
        asks.MapPost("/chat/{id:guid}/messages/{messageId:guid}/regenerate", RegenerateAsync);
        asks.MapPost("/chat/{id:guid}/messages/{messageId:guid}/branch", BranchAsync);
        asks.MapPost("/chat/{id:guid}/stop", StopAsync);
        routes.MapGet("/chat/{id:guid}/running", RunningAsync);
        routes.MapGet("/api/chat/stream", StreamAsync);
    }

    /// <param name="key">Of the draft: nobody knows whether what was sent and not answered has arrived, so that it is sent again with the same.</param>
    private static async Task<IResult> SendAsync(
        [FromForm] string? message, [FromForm(Name = "conversation_id")] string? conversationId, [FromForm] string? model, [FromForm(Name = "persona_id")] string? personaId,
        [FromForm(Name = "idempotency_key")] string? key, HttpContext http, ChatGateway gateway, ChatChoices choices, TimeProvider time, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(message))
            return ChatFilters.Error(http, "Please enter a message");
        var isNew = !Guid.TryParse(conversationId, out var conversation);
        RunningAnswer answer;
        try
        {
            answer = await gateway.AskAsync(new AnswerWish(message, isNew ? null : conversation, null, Given(model), Given(personaId)), Key(key), cancellationToken);
        }
        catch (GatewayException exception) when (exception.Status == StatusCodes.Status409Conflict && http.Request.IsHtmx())
        {
            // The first attempt has arrived, and says soon what became of it.
            return ChatFilters.Error(http, "Your message is being sent already. Please try again in a moment.");
        }

        if (!http.Request.IsHtmx())
            return new LeadResult($"/chat/{answer.ConversationId}");

        http.Response.Headers["HX-Trigger"] = "message-sent, conversations-changed";
        var question = Question(answer, message, time);
        if (!isNew)
            return new RazorComponentResult<SentMessage>(new { Question = question, Answer = answer });

        var offered = choices.GetAsync(cancellationToken);
        var begun = await gateway.FindAsync(answer.ConversationId, cancellationToken);
        var (models, personas) = await offered;
        http.Response.Headers["HX-Push-Url"] = $"/chat/{answer.ConversationId}";
        http.Response.Headers["HX-Retarget"] = "#main-content";
        http.Response.Headers["HX-Reswap"] = "innerHTML";
        return ChatEndpoints.Show(http, new ChatView(begun, new MessageList([question], null, null), answer, null, models, personas));
    }

    private static async Task<IResult> EditAsync(
        Guid id, Guid messageId, [FromForm] string? message, [FromForm] string? model, [FromForm(Name = "persona_id")] string? personaId,
        [FromForm(Name = "idempotency_key")] string? key, HttpContext http, ChatGateway gateway, TimeProvider time, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(message))
            return ChatFilters.Error(http, "Please enter a message");
        var answer = await gateway.EditAsync(id, messageId, new AnswerWish(Content: message, Model: Given(model), PersonaId: Given(personaId)), Key(key), cancellationToken);
        http.Response.Headers["HX-Trigger"] = "conversations-changed";
        return new RazorComponentResult<SentMessage>(new { Question = Question(answer, message, time), Answer = answer, Edited = true });
    }

    private static async Task<IResult> RegenerateAsync(
        Guid id, Guid messageId, HttpRequest request, ChatGateway gateway, CancellationToken cancellationToken)
    {
        // Where nothing is chosen the form is empty, which a parameter from it does not accept.
        var form = await request.ReadFormAsync(cancellationToken);
        var answer = await gateway.RegenerateAsync(id, messageId, new AnswerWish(Model: Given(form["model"]), PersonaId: Given(form["persona_id"])), cancellationToken);
        return new RazorComponentResult<AnswerPlaceholder>(new { Answer = answer });
    }

    private static async Task<IResult> BranchAsync(Guid id, Guid messageId, ChatGateway gateway, CancellationToken cancellationToken) =>
        new LeadResult($"/chat/{(await gateway.BranchAsync(id, messageId, cancellationToken)).Id}");

    private static async Task<IResult> StopAsync(Guid id, ChatGateway gateway, CancellationToken cancellationToken)
    {
        await gateway.StopAsync(id, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>The place of the answer that is being made, for a page that heard of it; 204 when none is.</summary>
    private static async Task<IResult> RunningAsync(Guid id, ChatGateway gateway, HttpResponse response, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "no-store";
        return await gateway.RunningAsync(id, cancellationToken) is { } answer
            ? new RazorComponentResult<AnswerPlaceholder>(new { Answer = answer })
            : TypedResults.NoContent();
    }

    /// <summary>The events of contract 3.5 for the answer that is being made, from its beginning.</summary>
    private static async Task<IResult> StreamAsync(
        [FromQuery(Name = "conversation_id")] Guid? conversationId, HttpContext http, ChatGateway gateway, CancellationToken cancellationToken)
    {
        if (conversationId is not { } id)
            return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        using var answer = await gateway.WatchAsync(id, cancellationToken);
        await new AnswerRelay(http).RunAsync(answer, cancellationToken);
        return TypedResults.Empty;
    }

    private static Message Question(RunningAnswer answer, string text, TimeProvider time) =>
        new(answer.QuestionId, Message.User, text, null, time.GetUtcNow().UtcDateTime, null);

    private static Guid? Key(string? value) => Guid.TryParse(value, out var key) ? key : null;

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;
}

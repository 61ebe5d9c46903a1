using System.Globalization;
using System.Security.Claims;
using Gaia.Chat.Conversations;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Gaia.Chat.Completions;

internal static partial class CompletionEndpoints
{
    /// <summary>A message of the greatest length, escaped, with room for what else a request may carry.</summary>
    private const int MaxBodySize = 5 * 1024 * 1024;

    internal static void MapCompletions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/chat", CompleteAsync)
            .WithTags("Chat")
            .WithSummary("Answer a message")
            .WithDescription(
                "Goes on with a conversation, or begins one when `conversation_id` is absent or `new`. With `\"stream\": true` the answer " +
                "comes as events: `chat.completion.chunk` objects as of OpenAI, and at the end `data: [DONE]`. " +
                "With `X-Response-Format: v0.3`, or `response_format` in the body, a whole answer comes in the short form.")
            .WithBody<ChatRequestBody>()
            .Produces<ChatCompletion>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .Produces<ErrorBody>(StatusCodes.Status502BadGateway)
            .AddOpenApiOperationTransformer(CompletionDescription.AddFormsAsync)
            .RequirePermission("chat", "create");

    private static async Task<Results<JsonHttpResult<ChatCompletion>, JsonHttpResult<ShortCompletion>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>, EmptyHttpResult>> CompleteAsync(
        HttpContext http,
        ClaimsPrincipal user,
        ChatTurns turns,
        IOptions<ChatSettings> settings,
        ILogger<ChatTurn> logger,
        CancellationToken cancellationToken)
    {
        http.Clock().Enter(Stage.RequestValidation);
        ChatRequest? request;
        using (var body = await JsonBody.ReadAsync(http.Request, MaxBodySize, emptyIsObject: false, cancellationToken))
        {
            if (!ChatRequest.TryRead(body, http.Request.Headers, settings.Value.MaxMessageLength, out request, out var mistake))
                return mistake;
        }

        return await AnswerAsync(
            http,
            new TurnRequest
            {
                UserId = user.UserId(),
                Message = request.Message,
                Memory = request.ConversationId is { } id ? new TurnMemory.Conversation(id) : new TurnMemory.Beginning(),
                Wish = new ModelWish(request.Message) { Model = request.Model },
                PersonaId = request.PersonaId,
                Route = "v1.chat",
                Streamed = request.Stream,
                Background = request.Background,
                Clock = http.Clock(),
            },
            request.ShortForm,
            turns,
            logger,
            cancellationToken);
    }

    /// <summary>Runs a turn and answers as <c>POST /api/v1/chat</c> does.</summary>
    internal static async Task<Results<JsonHttpResult<ChatCompletion>, JsonHttpResult<ShortCompletion>, JsonHttpResult<ErrorBody>, JsonHttpResult<ValidationErrorBody>, EmptyHttpResult>> AnswerAsync(
        HttpContext http, TurnRequest request, bool shortForm, ChatTurns turns, ILogger<ChatTurn> logger, CancellationToken cancellationToken)
    {
        ChatTurn turn;
        try
        {
            turn = await turns.BeginAsync(request, cancellationToken);
        }
        catch (TurnRefusedException refused)
        {
            return LegacyResults.NotFound(refused.Message);
        }

        if (request.Streamed)
        {
            await StreamAsync(http, turn, logger);
            return TypedResults.Empty;
        }

        try
        {
            await turn.RunAsync(static (_, _) => ValueTask.CompletedTask, cancellationToken);
        }
        catch (ProviderException failure)
        {
            LogProviderFailed(logger, turn.RequestId, failure.ErrorType, failure.InnerException?.GetType().Name);
            if (failure.StatusCode == StatusCodes.Status503ServiceUnavailable)
                http.Response.Headers.RetryAfter = Math.Ceiling((failure.RetryAfter ?? TimeSpan.FromSeconds(1)).TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return LegacyResults.Error(failure.StatusCode, failure.Message);
        }

        var answer = turn.Answer!;
        if (shortForm)
            return TypedResults.Json(new ShortCompletion(answer.Text, request.Message, turn.ConversationId, turn.Metadata), CompletionJson.Readable.ShortCompletion);
        return TypedResults.Json(
            new ChatCompletion(
                turn.RequestId,
                "chat.completion",
                turn.Created,
                turn.Model.Id,
                [new CompletionChoice(0, new CompletionMessage(Message.Assistant, answer.Text), answer.FinishReason)],
                new CompletionUsage(answer.PromptTokens, answer.CompletionTokens, answer.PromptTokens + answer.CompletionTokens),
                turn.Metadata),
            CompletionJson.Readable.ChatCompletion);
    }

    private static async Task StreamAsync(HttpContext http, ChatTurn turn, ILogger logger)
    {
        http.BeginEventStream();
        using var stream = new CompletionStream(http.Response.BodyWriter, new StreamHead(turn.RequestId, turn.Created, turn.Model.Id, turn.ConversationId));
        try
        {
            await stream.BeginAsync(http.RequestAborted);
            await turn.RunAsync(stream.WriteAsync, http.RequestAborted);
            await stream.EndAsync(turn.Answer?.FinishReason, turn.TimeToFirstChunk, turn.Metadata, http.RequestAborted);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (Exception failure)
        {
            await stream.FailAsync(Describe(failure, turn, logger), http.RequestAborted);
        }
    }

    /// <summary>What a client is told in a stream, where there is no status code any more.</summary>
    private static string Describe(Exception failure, ChatTurn turn, ILogger logger)
    {
        switch (failure)
        {
            case ProviderException provider:
                LogProviderFailed(logger, turn.RequestId, provider.ErrorType, provider.InnerException?.GetType().Name);
                return provider.Message;
            case DependencyUnavailableException unavailable:
                return unavailable.Message;
            case var _ when DatabaseOutage.Is(failure):
                LogDatabaseAway(logger, turn.RequestId, failure.GetBaseException().Message);
                return "Service database unavailable";
            default:
                LogFailed(logger, failure, turn.RequestId);
                return "Internal server error";
        }
    }

    [LoggerMessage(LogLevel.Warning, "Answer {RequestId}: the provider failed ({Fault}, {Cause})")]
    private static partial void LogProviderFailed(ILogger logger, string requestId, string fault, string? cause);

    [LoggerMessage(LogLevel.Warning, "Answer {RequestId} could not be stored: {Reason}")]
    private static partial void LogDatabaseAway(ILogger logger, string requestId, string reason);

    [LoggerMessage(LogLevel.Error, "Answer {RequestId} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string requestId);
}

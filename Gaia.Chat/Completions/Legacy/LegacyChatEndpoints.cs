using Gaia.Chat.Models;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;
using Gaia.ServiceDefaults.Identity;
using Gaia.ServiceDefaults.Identity.Permissions;
using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Chat.Completions.Legacy;

/// <summary>The routes that remember per user, and those that remember nothing: v0.2, and <c>completions</c> of both.</summary>
internal static class LegacyChatEndpoints
{
    private const string ErrorPrefix = "Chat completion failed: ";

    internal static void MapLegacyChat(this IEndpointRouteBuilder routes)
    {
        Describe<LegacyAnswer>(routes.MapPost("/api/v0.2/chat", (HttpContext http, Answering answering, CancellationToken cancellationToken) =>
                CompleteAsync(http, answering, "v0.2.chat", cancellationToken)))
            .WithSummary("Answer a message, with the caller's memory")
            .WithBody<LegacyChatBody>()
            .WithApiVersion();
        Describe<LegacyAnswer>(routes.MapPost("/api/v1/chat/multi-provider", (HttpContext http, Answering answering, CancellationToken cancellationToken) =>
                CompleteAsync(http, answering, "v1.multi-provider", cancellationToken)))
            .WithSummary("Answer a message, with the caller's memory")
            .WithDescription("Another name of `POST /api/v0.2/chat`.")
            .WithBody<LegacyChatBody>();
        routes.MapPost("/api/v0.2/chat/stream", StreamAsync)
            .WithTags("Streaming")
            .WithSummary("Answer a message as events, with the caller's memory")
            .WithDescription(
                "Events of the types `start`, `ready`, `model_selection`, `fallback_attempt`, `content`, `error`, `world_update`, `metadata` and `complete`, and at the end " +
                "`data: [DONE]`. It is a stream whatever `stream` says.")
            .WithBody<LegacyChatBody>()
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
            .WithIdempotencyKey()
            .RequirePermission("chat", "create")
            .WithApiVersion();
        MapOpenAI("/api/v1/chat/completions", "v1.completions");
        MapOpenAI("/api/v0.2/chat/completions", "v0.2.completions").WithApiVersion();
        routes.MapMemory();

        RouteHandlerBuilder MapOpenAI(string path, string route) =>
            Describe<CombinedAnswer>(routes.MapPost(path, (HttpContext http, Answering answering, CancellationToken cancellationToken) =>
                    CompleteOpenAIAsync(http, answering, route, cancellationToken)))
                .WithSummary("Answer messages as OpenAI does")
                .WithDescription(
                    "With `messages` these are the whole context, nothing is remembered, and the answer is OpenAI's. With `message` the caller's memory is the context, and " +
                    "the fields of v0.2 are in the answer, too.")
                .WithBody<CompletionBody>()
                .AddOpenApiOperationTransformer(CompletionDescription.AddFormAsync<PlainCompletion>);
    }

    /// <summary>Says in each answer which version of the API gave it.</summary>
    internal static RouteHandlerBuilder WithApiVersion(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter(static (context, next) =>
    {
        context.HttpContext.Response.Headers["X-API-Version"] = "0.2";
        return next(context);
    });

    internal static RouteHandlerBuilder Describe<T>(RouteHandlerBuilder endpoint, string tag = "Chat v0.2") => endpoint
        .WithTags(tag)
        .Produces<T>()
        .Produces<ErrorBody>(StatusCodes.Status404NotFound)
        .Produces<ValidationErrorBody>(StatusCodes.Status422UnprocessableEntity)
        .Produces<ErrorBody>(StatusCodes.Status502BadGateway)
        .WithIdempotencyKey()
        .AddOpenApiOperationTransformer(CompletionDescription.AddStreamAsync)
        .RequirePermission("chat", "create");

    private static async Task<IResult> CompleteAsync(HttpContext http, Answering answering, string route, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (!RequestReader.TryReadStrict(body, answering.MaxMessageLength, out request, out var mistake))
                return mistake;
        }

        return await answering.AnswerAsync(
            http,
            request.ToTurn(http, route, new TurnMemory.OfUser()),
            new AnswerForms(turn => new ChunkStream(StreamHead.Of(turn)), LegacyAnswers.Whole, ErrorPrefix));
    }

    private static async Task<IResult> StreamAsync(
        HttpContext http, Answering answering, StreamingPreferences preferences, TimeProvider time, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (!RequestReader.TryReadStrict(body, answering.MaxMessageLength, out request, out var mistake))
                return mistake;
        }

        return await answering.AnswerAsync(
            http,
            (request with { Stream = true, Wish = await PreferAsync(http, request.Wish, preferences, cancellationToken) }).ToTurn(http, "v0.2.stream", new TurnMemory.OfUser()),
            new AnswerForms(turn => new TypedStream(turn, time), LegacyAnswers.Whole, ErrorPrefix));
    }

    /// <summary>Who names no model, no provider and no selection gets the model saved for streams.</summary>
    private static async Task<ModelWish> PreferAsync(HttpContext http, ModelWish wish, StreamingPreferences preferences, CancellationToken cancellationToken)
    {
        if (wish is not { Model: null, Provider: null, AutoSelect: false } || await preferences.FindAsync(http.User.UserId(), cancellationToken) is not { } saved)
            return wish;
        return wish with { Model = saved.ModelId, Priority = wish.Priority ?? saved.Priority };
    }

    private static async Task<IResult> CompleteOpenAIAsync(HttpContext http, Answering answering, string route, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            var read = body.TryGet("message", out _)
                ? RequestReader.TryReadStrict(body, answering.MaxMessageLength, out request, out var mistake)
                : RequestReader.TryReadCompletion(body, answering.MaxMessageLength, out request, out mistake);
            if (!read)
                return mistake!;
        }

        return await answering.AnswerAsync(
            http,
            request!.ToTurn(http, route, request.Before is { } before ? new TurnMemory.Given(before, IsWhole: true) : new TurnMemory.OfUser()),
            new AnswerForms(
                turn => new ChunkStream(StreamHead.Of(turn), request.IncludeUsage ? () => CompletionAnswers.Usage(turn) : null),
                request.Before is null ? LegacyAnswers.Combined : CompletionAnswers.Plain,
                ErrorPrefix));
    }
}

using Gaia.Chat.Completions.Legacy;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.OpenApi;

namespace Gaia.Chat.Completions.Variants;

/// <summary>
/// The routes below <c>/api/v1/chat</c> that were once different ways to the same answer. Here they are one way: they differ in what
/// they remember, and in what they tell of it.
/// </summary>
internal static class VariantEndpoints
{
    private const string Prefix = "/api/v1/chat";
    private const string Tag = "Chat variants";

    /// <summary>How one of them remembers, and what it answers.</summary>
    private sealed record Variant(string Name, string Summary, Func<HttpContext, ChatTurn, ChatRequest, ValueTask<IResult>> Answer)
    {
        public Remembering Remembering { get; init; } = Remembering.OfUser;

        public bool AutoSelect { get; init; }
    }

    /// <summary>An answer that is looked up as it is sent.</summary>
    private sealed class VariantResult(Variant variant, ChatTurn turn, ChatRequest request) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext) => await (await variant.Answer(httpContext, turn, request)).ExecuteAsync(httpContext);
    }

    private enum Remembering
    {
        OfUser,
        InConversation,
        Nothing,
    }

    private static readonly Variant[] Completions =
    [
        new("direct", "Answer a message", static (_, turn, _) => new(VariantAnswers.Json(VariantAnswers.Timed(turn)))),
        new("direct-db", "Answer a message in a conversation", static (_, turn, _) => new(VariantAnswers.Json(VariantAnswers.Timed(turn) with { ConversationId = turn.ConversationId })))
        {
            Remembering = Remembering.InConversation,
        },
        new("mcp-agent-hot", "Answer a message", static (_, turn, _) => new(VariantAnswers.Json(VariantAnswers.Timed(turn) with { HotLoaded = true }))),
        new("orchestrated", "Answer a message", static (_, turn, _) => new(VariantAnswers.Json(VariantAnswers.Orchestrated(turn)))),
        new("intelligent", "Answer a message with the model that suits it", static (_, turn, request) => new(VariantAnswers.Json(VariantAnswers.Routed(turn, request)))) { AutoSelect = true },
    ];

    private static readonly Variant[] Shorts =
    [
        new("ultrafast", "Answer a message without any memory", static (_, turn, _) => new(VariantAnswers.Json(VariantAnswers.Short(turn)))) { Remembering = Remembering.Nothing },
        new("ultrafast-redis", "Answer a message", static async (http, turn, _) => VariantAnswers.Json(
            VariantAnswers.Short(turn) with { ApiTimeMs = VariantAnswers.ModelMs(turn), HistoryLength = await CountAsync(http, turn) })),
        new("ultrafast-redis-v2", "Answer a message", static async (http, turn, _) => VariantAnswers.Json(
            VariantAnswers.Short(turn) with { ContextMessages = turn.Asking.MessagesSent, HistoryLength = await CountAsync(http, turn) })),
        new("ultrafast-redis-v3", "Answer a message", static (_, turn, _) => new(VariantAnswers.Json(
            VariantAnswers.Short(turn) with
            {
                ApiTimeMs = VariantAnswers.ModelMs(turn),
                RedisTimeMs = ChatTurn.Milliseconds(turn.MemoryTime),
                ContextMessages = turn.Asking.MessagesSent,
                ParallelOps = true,
            }))),
    ];

    internal static void MapVariants(this IEndpointRouteBuilder routes)
    {
        foreach (var variant in Completions)
            Map<VariantCompletion>(routes, variant);
        foreach (var variant in Shorts)
            Map<ShortAnswer>(routes, variant);
        foreach (var scenario in Scenario.All)
            MapScene(routes, scenario.Name, _ => scenario).WithSummary($"Answer a message as a scene: {scenario.Task}");
        MapScene(routes, "mcp-agent", Scenario.Detect).WithSummary("Answer a message as the scene that it is most likely about");
    }

    private static void Map<T>(IEndpointRouteBuilder routes, Variant variant)
    {
        var endpoint = LegacyChatEndpoints.Describe<T>(routes.MapPost($"{Prefix}/{variant.Name}", (HttpContext http, Answering answering, CancellationToken cancellationToken) =>
                CompleteAsync(http, answering, variant, cancellationToken)), Tag)
            .WithSummary(variant.Summary)
            .WithBody<LegacyChatBody>();
        if (variant.Remembering == Remembering.InConversation)
            endpoint.WithDescription("`conversation_id` in the query or the body names the conversation; without it a new one begins.");
    }

    private static RouteHandlerBuilder MapScene(IEndpointRouteBuilder routes, string name, Func<string, Scenario> choose) =>
        LegacyChatEndpoints.Describe<VariantCompletion>(routes.MapPost($"{Prefix}/{name}", (HttpContext http, Answering answering, CancellationToken cancellationToken) =>
                PlayAsync(http, answering, $"v1.{name}", choose, cancellationToken)), Tag)
            .WithDescription("One model plays all parts in one answer; `_multiagent` names them.")
            .WithBody<LegacyChatBody>();

    private static async Task<IResult> CompleteAsync(HttpContext http, Answering answering, Variant variant, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (!RequestReader.TryReadStrict(body, answering.MaxMessageLength, out request, out var mistake)
                || !body.TryGetText("conversation_id", out var conversationId, out mistake))
                return mistake;
            request = request with { ConversationId = IsNew(conversationId) ? Queried(http) : conversationId };
        }

        if (variant.AutoSelect)
            request = request with { Wish = request.Wish with { AutoSelect = true, ForceProvider = false } };
        TurnMemory memory = variant.Remembering switch
        {
            Remembering.InConversation => request.Conversation,
            Remembering.Nothing => new TurnMemory.Given([], IsWhole: false),
            Remembering.OfUser => new TurnMemory.OfUser(),
        };
        return await answering.AnswerAsync(
            http,
            request.ToTurn(http, $"v1.{variant.Name}", memory),
            new AnswerForms(turn => new ChunkStream(StreamHead.Of(turn)), turn => new VariantResult(variant, turn, request)));
    }

    private static async Task<IResult> PlayAsync(HttpContext http, Answering answering, string route, Func<string, Scenario> choose, CancellationToken cancellationToken)
    {
        ChatRequest? request;
        using (var body = await http.ReadRequestAsync(cancellationToken))
        {
            if (!RequestReader.TryReadStrict(body, answering.MaxMessageLength, out request, out var mistake))
                return mistake;
        }

        var scenario = choose(request.Message);
        var turn = request.ToTurn(http, route, new TurnMemory.OfUser()) with
        {
            Instructions = scenario.Instructions,
            Temperature = Scenario.Temperature,
            MaxOutputTokens = Scenario.MaxOutputTokens,
        };
        return await answering.AnswerAsync(
            http,
            turn,
            new AnswerForms(made => new ChunkStream(StreamHead.Of(made)), made => VariantAnswers.Json(VariantAnswers.Scene(made, scenario))));
    }

    private static string? Queried(HttpContext http) => http.Request.Query["conversation_id"].ToString() is var id && IsNew(id) ? null : id;

    private static bool IsNew(string? conversationId) => conversationId is null or "" or "new";

    private static Task<int> CountAsync(HttpContext http, ChatTurn turn) =>
        http.RequestServices.GetRequiredService<UserMemory>().CountAsync(turn.UserId, http.RequestAborted);
}

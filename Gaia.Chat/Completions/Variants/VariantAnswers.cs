using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Completions.Variants;

/// <summary>Whole answers of the routes below <c>/api/v1/chat</c>. All figures are of this very answer.</summary>
internal static class VariantAnswers
{
    private const int SimpleLength = 80;
    private const int ModerateLength = 400;

    internal static VariantCompletion Of(ChatTurn turn) => new(
        turn.RequestId, CompletionAnswers.Kind, turn.Created, turn.Model.Id, CompletionAnswers.Choices(turn), CompletionAnswers.Usage(turn));

    internal static VariantCompletion Timed(ChatTurn turn) => Of(turn) with { ResponseTimeMs = TotalMs(turn) };

    internal static VariantCompletion Scene(ChatTurn turn, Scenario scenario) => Of(turn) with
    {
        Id = $"multiagent-{turn.UserId}-{turn.Created}",
        Scene = new SceneReport(scenario.Name, scenario.Orchestrator, scenario.Agents.Count, TotalMs(turn), scenario.Agents, HotLoaded: true),
    };

    internal static VariantCompletion Orchestrated(ChatTurn turn) => Of(turn) with
    {
        Id = $"msg_{turn.Created}",
        Metadata = new OrchestrationReport("direct_llm", new RoutePerformance("direct", turn.TotalTime.TotalSeconds, "direct_llm")),
    };

    internal static VariantCompletion Routed(ChatTurn turn, ChatRequest request) => Of(turn) with
    {
        Routing = new RoutingReport(
            request.Message.Length switch { < SimpleLength => "simple", < ModerateLength => "moderate", _ => "complex" },
            "direct",
            turn.Metadata.RoutingTimeMs,
            TotalMs(turn),
            turn.Choice.Reasoning,
            []),
    };

    internal static ShortAnswer Short(ChatTurn turn) => new(turn.Answer!.Text, turn.Model.Id, TotalMs(turn));

    internal static int ModelMs(ChatTurn turn) => ChatTurn.Milliseconds(turn.Asking.Took);

    internal static IResult Json(VariantCompletion answer) => WholeJson.Of(answer, VariantJson.Readable.VariantCompletion);

    internal static IResult Json(ShortAnswer answer) => WholeJson.Of(answer, VariantJson.Readable.ShortAnswer);

    private static int TotalMs(ChatTurn turn) => ChatTurn.Milliseconds(turn.TotalTime);
}

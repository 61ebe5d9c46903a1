using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Chat.Conversations;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Completions;

/// <summary>A whole answer in the shape of OpenAI's chat completions.</summary>
public sealed record ChatCompletion(
    string Id,
    [property: JsonPropertyName("object")] string Kind,
    long Created,
    string Model,
    IReadOnlyList<CompletionChoice> Choices,
    CompletionUsage Usage,
    [property: JsonPropertyName("_metadata")] CompletionMetadata Metadata);

public sealed record CompletionChoice(int Index, CompletionMessage Message, string FinishReason);

public sealed record CompletionMessage(string Role, string Content);

public sealed record CompletionUsage(int PromptTokens, int CompletionTokens, int TotalTokens);

/// <param name="RouteType">Which part of the service answered: <c>direct</c> is a model without tools.</param>
/// <param name="RoutingTimeMs">Time to choose the route, in milliseconds.</param>
/// <param name="LlmTimeMs">Time that the model took, in milliseconds.</param>
/// <param name="TotalTimeMs">Time from the request to the answer, in milliseconds.</param>
/// <param name="RequestId">The answer's id.</param>
/// <param name="ConversationId">The conversation to go on with; null when the client keeps it.</param>
public sealed record CompletionMetadata(string RouteType, int RoutingTimeMs, int LlmTimeMs, int TotalTimeMs, string RequestId, Guid? ConversationId);

/// <summary>A whole answer of <c>/api/v1/chat</c> in the format of v0.3.</summary>
/// <param name="Response">The answer.</param>
/// <param name="Message">The question, as it was sent.</param>
/// <param name="ConversationId">The conversation to go on with.</param>
/// <param name="Metadata">As in the other format.</param>
public sealed record ShortCompletion(
    string Response,
    string Message,
    Guid? ConversationId,
    [property: JsonPropertyName("_metadata")] CompletionMetadata Metadata);

/// <summary>A whole answer of <c>/api/v0.3/chat</c>: nothing else is in it.</summary>
public sealed record CleanCompletion(string Response, Guid? ConversationId);

/// <summary>A whole answer to OpenAI's <c>messages</c>, as OpenAI gives it.</summary>
public sealed record PlainCompletion(
    string Id,
    [property: JsonPropertyName("object")] string Kind,
    long Created,
    string Model,
    IReadOnlyList<CompletionChoice> Choices,
    CompletionUsage Usage);

/// <summary>The 400 of v0.3.</summary>
public sealed record CleanError(string Error);

/// <summary>Whole answers in the shapes of OpenAI, v1 and v0.3.</summary>
internal static class CompletionAnswers
{
    internal const string Kind = "chat.completion";

    /// <summary>The forms of <c>POST /api/v1/chat</c>.</summary>
    internal static AnswerForms InConversation(string message, bool shortForm) => new(
        turn => new V1Stream(StreamHead.Of(turn)),
        turn => shortForm ? Short(turn, message) : Whole(turn));

    private static IResult Whole(ChatTurn turn) => WholeJson.Of(
        new ChatCompletion(turn.RequestId, Kind, turn.Created, turn.Model.Id, Choices(turn), Usage(turn), turn.Metadata),
        CompletionJson.Readable.ChatCompletion);

    private static IResult Short(ChatTurn turn, string message) => WholeJson.Of(
        new ShortCompletion(turn.Answer!.Text, message, turn.ConversationId, turn.Metadata), CompletionJson.Readable.ShortCompletion);

    internal static IResult Clean(ChatTurn turn) => WholeJson.Of(
        new CleanCompletion(turn.Answer!.Text, turn.ConversationId), CompletionJson.Readable.CleanCompletion);

    internal static IResult Plain(ChatTurn turn) => WholeJson.Of(
        new PlainCompletion(turn.RequestId, Kind, turn.Created, turn.Model.Id, Choices(turn), Usage(turn)), CompletionJson.Readable.PlainCompletion);

    internal static IReadOnlyList<CompletionChoice> Choices(ChatTurn turn) =>
        [new CompletionChoice(0, new CompletionMessage(Message.Assistant, turn.Answer!.Text), turn.Answer.FinishReason)];

    internal static CompletionUsage Usage(ChatTurn turn) =>
        new(turn.Answer!.PromptTokens, turn.Answer.CompletionTokens, turn.Answer.PromptTokens + turn.Answer.CompletionTokens);
}

/// <summary>An answer that is being made without anybody waiting for it.</summary>
/// <param name="MessageId">The message that it will be.</param>
/// <param name="QuestionId">The message that it answers.</param>
public sealed record AnswerBegun(Guid ConversationId, Guid MessageId, Guid QuestionId);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(AnswerBegun))]
[JsonSerializable(typeof(ShortCompletion))]
[JsonSerializable(typeof(CleanCompletion))]
[JsonSerializable(typeof(PlainCompletion))]
[JsonSerializable(typeof(CleanError))]
internal sealed partial class CompletionJson : JsonSerializerContext
{
    public static CompletionJson Readable => field ??= new(Default.Readable());
}

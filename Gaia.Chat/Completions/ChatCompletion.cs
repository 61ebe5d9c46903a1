using System.Text.Json;
using System.Text.Json.Serialization;
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

/// <summary>A whole answer in the format of v0.3.</summary>
/// <param name="Response">The answer.</param>
/// <param name="Message">The question, as it was sent.</param>
/// <param name="ConversationId">The conversation to go on with.</param>
/// <param name="Metadata">As in the other format.</param>
public sealed record ShortCompletion(
    string Response,
    string Message,
    Guid? ConversationId,
    [property: JsonPropertyName("_metadata")] CompletionMetadata Metadata);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ShortCompletion))]
internal sealed partial class CompletionJson : JsonSerializerContext
{
    public static CompletionJson Readable => field ??= new(Default.Readable());
}

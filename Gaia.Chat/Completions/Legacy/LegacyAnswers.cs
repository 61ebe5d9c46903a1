using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.Chat.Providers;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Chat.Completions.Legacy;

/// <summary>The body of the routes of v0.2, for the description of the API: it is read field by field.</summary>
public sealed record LegacyChatBody(
    [property: Description("What the user says.")] string Message,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("`claude`, `openai`, `gemini` or `mistral`.")] string? Provider = null,
    [property: Description("What the user is about; decides which tools are spoken of.")] string? Activity = null,
    [property: Description("Who speaks; the caller's own choice when absent or `default`.")] string? PersonaId = null,
    [property: Description("The wished model.")] string? Model = null,
    [property: Description("Whether the model is chosen by what the request is like.")] bool? AutoSelectModel = null,
    [property: Description("Whether the model is not chosen by what the request is like; true when absent.")] bool? ForceProvider = null,
    [property: Description("`speed`, `quality`, `balanced`, `vr` or `cost`.")] string? Priority = null,
    [property: Description("`greeting`, `conversation`, `technical`, `creative`, `vr`, `emergency` or `multimodal`.")] string? ContextType = null,
    int? MaxResponseTimeMs = null,
    [property: Description("Of `chat`, `tool_calling`, `vision`, `code_generation`, `multimodal`, `streaming`, `long_context`; others are passed over.")] IReadOnlyList<string>? RequiredCapabilities = null,
    bool? ForceModelOverride = null,
    [property: Description("Whether another provider may answer when the first one fails; true when absent.")] bool? EnableFallback = null);

/// <summary>The body of the routes named <c>completions</c>, for the description of the API: it is read field by field.</summary>
public sealed record CompletionBody(
    [property: Description("OpenAI's form: the whole context; the last one has the role `user`.")] IReadOnlyList<ChatRequestMessage>? Messages = null,
    [property: Description("The form of v0.2, which counts when it is there: what the user says; what was said before is remembered.")] string? Message = null,
    [property: Description("The wished model.")] string? Model = null,
    [property: Description("Whether the answer is wanted as it is made.")] bool? Stream = null,
    [property: Description("With `messages`.")] StreamOptionsBody? StreamOptions = null,
    [property: Description("From 0 to 2; with `messages`.")] double? Temperature = null,
    [property: Description("Of the answer; with `messages`.")] int? MaxTokens = null,
    [property: Description("The newer name of `max_tokens`, which it goes before.")] int? MaxCompletionTokens = null);

public sealed record StreamOptionsBody(
    [property: Description("Whether the last event before the end of a stream has no choices and tells the `usage`.")] bool? IncludeUsage = null);

/// <summary>A whole answer of v0.2.</summary>
/// <param name="Reasoning">Why this model.</param>
public sealed record LegacyAnswer(
    string Response, string Provider, string Model, LegacyUsage? Usage, int? ResponseTimeMs, string? Reasoning, bool? FallbackUsed);

/// <summary>A whole answer of v0.2 with the fields of OpenAI beside its own.</summary>
public sealed record CombinedAnswer(
    string Id,
    [property: JsonPropertyName("object")] string Kind,
    long Created,
    string Model,
    IReadOnlyList<CompletionChoice> Choices,
    LegacyUsage? Usage,
    string Response,
    string Provider,
    int? ResponseTimeMs,
    string? Reasoning,
    bool? FallbackUsed);

/// <summary>Tokens, under the names of every family.</summary>
public sealed record LegacyUsage(int InputTokens, int OutputTokens, int PromptTokens, int CompletionTokens, int TotalTokens);

/// <summary>Whole answers in the shapes of v0.2.</summary>
internal static class LegacyAnswers
{
    internal static IResult Whole(ChatTurn turn) => WholeJson.Of(
        new LegacyAnswer(
            turn.Answer!.Text, ProviderNames.ToLegacy(turn.Model.Provider), turn.Model.Id, Usage(turn), ChatTurn.Milliseconds(turn.TotalTime), turn.Choice.Reasoning, turn.Asking.FallbackUsed),
        LegacyChatJson.Readable.LegacyAnswer);

    internal static IResult Combined(ChatTurn turn) => WholeJson.Of(
        new CombinedAnswer(
            turn.RequestId,
            CompletionAnswers.Kind,
            turn.Created,
            turn.Model.Id,
            CompletionAnswers.Choices(turn),
            Usage(turn),
            turn.Answer!.Text,
            ProviderNames.ToLegacy(turn.Model.Provider),
            ChatTurn.Milliseconds(turn.TotalTime),
            turn.Choice.Reasoning,
            turn.Asking.FallbackUsed),
        LegacyChatJson.Readable.CombinedAnswer);

    private static LegacyUsage Usage(ChatTurn turn)
    {
        var (input, output) = (turn.Answer!.PromptTokens, turn.Answer.CompletionTokens);
        return new LegacyUsage(input, output, input, output, input + output);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(LegacyAnswer))]
[JsonSerializable(typeof(CombinedAnswer))]
[JsonSerializable(typeof(MemoryStatus))]
[JsonSerializable(typeof(VersionedMemoryStatus))]
[JsonSerializable(typeof(StreamStatus))]
[JsonSerializable(typeof(MemoryCleared))]
[JsonSerializable(typeof(Acknowledgement))]
[JsonSerializable(typeof(VersionedAcknowledgement))]
[JsonSerializable(typeof(TimedAcknowledgement))]
internal sealed partial class LegacyChatJson : JsonSerializerContext
{
    public static LegacyChatJson Readable => field ??= new(Default.Readable());
}

using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

public static class OpenAIClientExtensions
{
    public static IChatClient AsIChatClient(this ChatClient chatClient) => new OpenAIChatClient(chatClient);
}

/// <summary>Text, images, tools and usage; the real one also maps audio, files, reasoning, refusals and schemas for the answer.</summary>
internal sealed class OpenAIChatClient(ChatClient client) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("openai", client.Endpoint, client.Model);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType == typeof(ChatClient) ? client : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() { }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCompletion completion = await client.CompleteChatAsync(ToMessages(messages, options), ToOptions(options), cancellationToken).ConfigureAwait(false);
        var calls = completion.ToolCalls.Select(call => ToCall(call.Id, call.FunctionName, call.FunctionArguments.ToString()));
        return new ChatResponse(new ChatMessage(ToRole(completion.Role), [.. ToContents(completion.Content), .. calls]) { CreatedAt = completion.CreatedAt, MessageId = completion.Id, RawRepresentation = completion })
        {
            CreatedAt = completion.CreatedAt,
            FinishReason = ToFinishReason(completion.FinishReason),
            ModelId = completion.Model,
            RawRepresentation = completion,
            ResponseId = completion.Id,
            Usage = completion.Usage is { } usage ? ToUsage(usage) : null,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var calls = new SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)>();
        var last = new ChatResponseUpdate();
        await foreach (var update in client.CompleteChatStreamingAsync(ToMessages(messages, options), ToOptions(options), cancellationToken).ConfigureAwait(false))
        {
            // Role, reason and model come once, and hold for the rest of the stream.
            last = new ChatResponseUpdate(last.Role ?? (update.Role is { } role ? ToRole(role) : null), ToContents(update.ContentUpdate))
            {
                ResponseId = update.CompletionId,
                MessageId = update.CompletionId,
                CreatedAt = update.CreatedAt,
                FinishReason = last.FinishReason ?? (update.FinishReason is { } reason ? ToFinishReason(reason) : null),
                ModelId = last.ModelId ?? update.Model,
                RawRepresentation = update,
            };
            foreach (var part in update.ToolCallUpdates)
            {
                var (id, name, arguments) = calls.TryGetValue(part.Index, out var known) ? known : (null, null, new StringBuilder());
                calls[part.Index] = (id ?? part.ToolCallId, name ?? part.FunctionName, arguments.Append(part.FunctionArgumentsUpdate));
            }

            if (update.Usage is { } usage)
                last.Contents.Add(new UsageContent(ToUsage(usage)) { RawRepresentation = usage });

            yield return last;
        }

        if (calls.Count > 0)
        {
            // Arguments come in fragments, so calls are handed out whole, at the end.
            yield return new ChatResponseUpdate(last.Role, [.. calls.Values.Select(call => ToCall(call.Id!, call.Name!, call.Arguments.ToString()))])
            {
                ResponseId = last.ResponseId,
                MessageId = last.MessageId,
                CreatedAt = last.CreatedAt,
                FinishReason = last.FinishReason,
                ModelId = last.ModelId,
            };
        }
    }

    private static IEnumerable<OpenAI.Chat.ChatMessage> ToMessages(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (!string.IsNullOrWhiteSpace(options?.Instructions))
            yield return new SystemChatMessage(options.Instructions);

        foreach (var message in messages)
        {
            // OpenAI refuses other characters in a name, and more than 64 of them.
            var name = string.Concat((message.AuthorName ?? "").Where(c => char.IsAsciiLetterOrDigit(c) || c == '_').Take(64));
            name = name.Length == 0 ? null : name;
            var parts = message.Contents.Select(ToPart).OfType<ChatMessageContentPart>().DefaultIfEmpty(ChatMessageContentPart.CreateTextPart("")).ToList();
            var calls = message.Contents.OfType<FunctionCallContent>().Select(call => ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, ToJson(call.Arguments))).ToList();
            if (message.Role == ChatRole.Tool)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                    yield return new ToolChatMessage(result.CallId, result.Result as string ?? (result.Result is null ? "" : ToJson(result.Result).ToString()));
            }
            else if (message.Role == ChatRole.Assistant)
            {
                var assistant = calls.Count > 0 && !message.Contents.Any(content => content is TextContent) ? new AssistantChatMessage(calls) : new AssistantChatMessage(parts);
                calls.Except(assistant.ToolCalls).ToList().ForEach(assistant.ToolCalls.Add);
                assistant.ParticipantName = name;
                yield return assistant;
            }
            else
            {
                yield return message.Role == ChatRole.System ? new SystemChatMessage(parts) { ParticipantName = name } : new UserChatMessage(parts) { ParticipantName = name };
            }
        }
    }

    private static ChatMessageContentPart? ToPart(AIContent content) => content switch
    {
        TextContent text => ChatMessageContentPart.CreateTextPart(text.Text),
        UriContent uri when uri.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(uri.Uri),
        DataContent data when data.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(data.Data), data.MediaType),
        DataContent or HostedFileContent => throw new NotSupportedException("This kind of content needs the real package Microsoft.Extensions.AI.OpenAI."),
        _ => null,
    };

    private ChatCompletionOptions ToOptions(ChatOptions? options)
    {
        var result = options?.RawRepresentationFactory?.Invoke(this) as ChatCompletionOptions ?? new ChatCompletionOptions();
        result.FrequencyPenalty ??= options?.FrequencyPenalty;
        result.MaxOutputTokenCount ??= options?.MaxOutputTokens;
        result.TopP ??= options?.TopP;
        result.PresencePenalty ??= options?.PresencePenalty;
        result.Temperature ??= options?.Temperature;
        result.Seed ??= options?.Seed;
        result.ResponseFormat ??= options?.ResponseFormat switch
        {
            null or ChatResponseFormatText => null,
            ChatResponseFormatJson { Schema: null } => OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat(),
            _ => throw new NotSupportedException("A schema for the answer needs the real package Microsoft.Extensions.AI.OpenAI."),
        };
        if (options?.ModelId is { } model)
            result.Patch.Set("$.model"u8, model);

        options?.StopSequences?.ToList().ForEach(result.StopSequences.Add);
        foreach (var tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
            result.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, ToParameters(tool.JsonSchema)));

        result.AllowParallelToolCalls ??= result.Tools.Count > 0 ? options?.AllowMultipleToolCalls : null;
        result.ToolChoice ??= result.Tools.Count == 0 ? null : options?.ToolMode switch
        {
            NoneChatToolMode => ChatToolChoice.CreateNoneChoice(),
            RequiredChatToolMode { RequiredFunctionName: { } name } => ChatToolChoice.CreateFunctionChoice(name),
            RequiredChatToolMode => ChatToolChoice.CreateRequiredChoice(),
            _ => ChatToolChoice.CreateAutoChoice(),
        };
        return result;
    }

    private static BinaryData ToParameters(JsonElement schema)
    {
        var parameters = JsonObject.Create(schema) ?? [];
        parameters.TryAdd("type", "object");
        parameters.TryAdd("required", new JsonArray());
        parameters.TryAdd("properties", new JsonObject());
        parameters.TryAdd("additionalProperties", false);
        return BinaryData.FromString(parameters.ToJsonString());
    }

    private static BinaryData ToJson(object? value) => BinaryData.FromString(JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions));

    private static List<AIContent> ToContents(ChatMessageContent content) =>
        [.. content.Where(part => part.Kind == ChatMessageContentPartKind.Text).Select(part => new TextContent(part.Text) { RawRepresentation = part })];

    private static FunctionCallContent ToCall(string id, string name, string arguments) => FunctionCallContent.CreateFromParsedArguments(
        arguments, id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json, AIJsonUtilities.DefaultOptions)!);

    private static UsageDetails ToUsage(ChatTokenUsage usage) => new()
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
        TotalTokenCount = usage.TotalTokenCount,
        CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
        ReasoningTokenCount = usage.OutputTokenDetails?.ReasoningTokenCount,
    };

    private static ChatRole ToRole(ChatMessageRole role) => new(JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString()));

    private static ChatFinishReason ToFinishReason(OpenAI.Chat.ChatFinishReason reason) =>
        reason == OpenAI.Chat.ChatFinishReason.FunctionCall ? ChatFinishReason.ToolCalls : new(JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()));
}

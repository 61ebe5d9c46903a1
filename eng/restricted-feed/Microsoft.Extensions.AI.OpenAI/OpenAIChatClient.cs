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

/// <summary>Text, tools and usage; what else the real one maps is refused or left out, as the README says.</summary>
internal sealed class OpenAIChatClient(ChatClient client) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("openai", client.Endpoint, client.Model);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() { }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCompletion completion = await client.CompleteChatAsync(messages.SelectMany(ToMessages), ToOptions(options), cancellationToken).ConfigureAwait(false);
        var calls = completion.ToolCalls.Select(call => ToCall(call.Id, call.FunctionName, call.FunctionArguments.ToString()));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. ToContents(completion.Content), .. calls]) { MessageId = completion.Id })
        {
            FinishReason = ToFinishReason(completion.FinishReason),
            ModelId = completion.Model,
            ResponseId = completion.Id,
            Usage = completion.Usage is { } usage ? ToUsage(usage) : null,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var calls = new SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)>();
        var last = new ChatResponseUpdate();
        await foreach (var update in client.CompleteChatStreamingAsync(messages.SelectMany(ToMessages), ToOptions(options), cancellationToken).ConfigureAwait(false))
        {
            // Reason and model come once, and hold for the rest of the stream.
            last = new ChatResponseUpdate(ChatRole.Assistant, ToContents(update.ContentUpdate))
            {
                ResponseId = update.CompletionId,
                MessageId = update.CompletionId,
                FinishReason = last.FinishReason ?? (update.FinishReason is { } reason ? ToFinishReason(reason) : null),
                ModelId = last.ModelId ?? update.Model,
            };
            foreach (var part in update.ToolCallUpdates)
            {
                var (id, name, arguments) = calls.TryGetValue(part.Index, out var known) ? known : (null, null, new StringBuilder());
                calls[part.Index] = (id ?? part.ToolCallId, name ?? part.FunctionName, arguments.Append(part.FunctionArgumentsUpdate));
            }

            if (update.Usage is { } usage)
                last.Contents.Add(new UsageContent(ToUsage(usage)));

            yield return last;
        }

        if (calls.Count > 0)
        {
            // Arguments come in fragments, so calls are handed out whole, at the end.
            last = last.Clone();
            last.Contents = [.. calls.Values.Select(call => ToCall(call.Id!, call.Name!, call.Arguments.ToString()))];
            yield return last;
        }
    }

    private static IEnumerable<OpenAI.Chat.ChatMessage> ToMessages(ChatMessage message)
    {
        if (message.Contents.Any(content => content is DataContent or UriContent or HostedFileContent))
            throw Unsupported("Content other than text");

        var parts = message.Contents.OfType<TextContent>().Select(text => ChatMessageContentPart.CreateTextPart(text.Text)).DefaultIfEmpty(ChatMessageContentPart.CreateTextPart(""));
        if (message.Role == ChatRole.Tool)
            return message.Contents.OfType<FunctionResultContent>().Select(result => new ToolChatMessage(result.CallId, result.Result as string ?? (result.Result is null ? "" : ToJson(result.Result).ToString())));

        if (message.Role != ChatRole.Assistant)
            return [message.Role == ChatRole.System ? new SystemChatMessage(parts) : new UserChatMessage(parts)];

        var calls = message.Contents.OfType<FunctionCallContent>().Select(call => ChatToolCall.CreateFunctionToolCall(call.CallId, call.Name, ToJson(call.Arguments))).ToList();
        if (calls.Count > 0 && !message.Contents.Any(content => content is TextContent))
            return [new AssistantChatMessage(calls)];

        var assistant = new AssistantChatMessage(parts);
        calls.ForEach(assistant.ToolCalls.Add);
        return [assistant];
    }

    private static ChatCompletionOptions ToOptions(ChatOptions? options)
    {
        // In silence these would be lost here, and sent by the real package.
        if (options is { Instructions: not null } or { TopP: not null } or { Seed: not null } or { FrequencyPenalty: not null } or { PresencePenalty: not null } or { ResponseFormat: not null }
            or { AllowMultipleToolCalls: not null } or { ToolMode: not (null or AutoChatToolMode) } or { RawRepresentationFactory: not null })
            throw Unsupported("An option other than model, temperature, tokens, stop sequences and tools");

        var result = new ChatCompletionOptions { MaxOutputTokenCount = options?.MaxOutputTokens, Temperature = options?.Temperature };
        if (options?.ModelId is { } model)
            result.Patch.Set("$.model"u8, model);

        options?.StopSequences?.ToList().ForEach(result.StopSequences.Add);
        foreach (var tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
            result.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, ToParameters(tool.JsonSchema)));

        result.ToolChoice = result.Tools.Count == 0 ? null : ChatToolChoice.CreateAutoChoice();
        return result;
    }

    private static NotSupportedException Unsupported(string what) => new($"{what} needs the real package Microsoft.Extensions.AI.OpenAI.");

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
        [.. content.Where(part => part.Kind == ChatMessageContentPartKind.Text).Select(part => new TextContent(part.Text))];

    private static FunctionCallContent ToCall(string id, string name, string arguments) => FunctionCallContent.CreateFromParsedArguments(
        arguments, id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json, AIJsonUtilities.DefaultOptions)!);

    private static UsageDetails ToUsage(ChatTokenUsage usage) =>
        new() { InputTokenCount = usage.InputTokenCount, OutputTokenCount = usage.OutputTokenCount, TotalTokenCount = usage.TotalTokenCount };

    private static ChatFinishReason ToFinishReason(OpenAI.Chat.ChatFinishReason reason) => new(JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()));
}

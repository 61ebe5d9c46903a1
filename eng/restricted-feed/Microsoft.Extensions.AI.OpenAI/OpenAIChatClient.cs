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

/// <summary>Text, images, tools and usage; audio, files and web search need the real package.</summary>
internal sealed class OpenAIChatClient(ChatClient client) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("openai", client.Endpoint, client.Model);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ChatClient) ? client
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatCompletion completion = await client.CompleteChatAsync(ToMessages(messages, options), ToOptions(options), cancellationToken).ConfigureAwait(false);
        var message = new ChatMessage(ToRole(completion.Role), ToContents(completion.Content))
        {
            CreatedAt = completion.CreatedAt,
            MessageId = completion.Id,
            RawRepresentation = completion,
        };
        if (completion.Patch.TryGetValue("$.choices[0].message.reasoning_content"u8, out string? reasoning) && reasoning is not null)
        {
            message.Contents.Add(new TextReasoningContent(reasoning));
        }

        foreach (var call in completion.ToolCalls.Where(call => !string.IsNullOrWhiteSpace(call.FunctionName)))
        {
            message.Contents.Add(ToCall(call.Id, call.FunctionName, call.FunctionArguments.ToString()));
        }

        if (completion.Refusal is { } refusal)
        {
            message.Contents.Add(new ErrorContent(refusal) { ErrorCode = "Refusal" });
        }

        return new ChatResponse(message)
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
        var refusal = new StringBuilder();
        var updates = client.CompleteChatStreamingAsync(ToMessages(messages, options), ToOptions(options), cancellationToken);
        await foreach (var update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            // Each of these comes once, and holds for the rest of the stream.
            var result = new ChatResponseUpdate
            {
                ResponseId = update.CompletionId,
                MessageId = update.CompletionId,
                CreatedAt = update.CreatedAt,
                FinishReason = last.FinishReason ?? (update.FinishReason is { } reason ? ToFinishReason(reason) : null),
                ModelId = last.ModelId ?? update.Model,
                Role = last.Role ?? (update.Role is { } role ? ToRole(role) : null),
                RawRepresentation = update,
                Contents = ToContents(update.ContentUpdate),
            };
            if (update.Patch.TryGetValue("$.choices[0].delta.reasoning_content"u8, out string? reasoning) && reasoning is not null)
            {
                result.Contents.Add(new TextReasoningContent(reasoning));
            }

            refusal.Append(update.RefusalUpdate);
            foreach (var part in update.ToolCallUpdates)
            {
                var (id, name, arguments) = calls.TryGetValue(part.Index, out var known) ? known : (null, null, new StringBuilder());
                calls[part.Index] = (id ?? part.ToolCallId, name ?? part.FunctionName, arguments.Append(part.FunctionArgumentsUpdate));
            }

            if (update.Usage is { } usage)
            {
                result.Contents.Add(new UsageContent(ToUsage(usage)) { RawRepresentation = usage });
            }

            last = result;
            yield return result;
        }

        if (calls.Count > 0)
        {
            // Arguments come in fragments, so calls are handed out whole, at the end.
            var contents = calls.Values.Where(call => !string.IsNullOrWhiteSpace(call.Name)).Select(call => (AIContent)ToCall(call.Id!, call.Name!, call.Arguments.ToString())).ToList();
            if (refusal.Length > 0)
            {
                contents.Add(new ErrorContent(refusal.ToString()) { ErrorCode = "Refusal" });
            }

            yield return new ChatResponseUpdate(last.Role, contents)
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
        {
            yield return new SystemChatMessage(options.Instructions);
        }

        foreach (var message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                {
                    yield return new ToolChatMessage(
                        result.CallId, result.Result as string ?? (result.Result is null ? "" : JsonSerializer.Serialize(result.Result, AIJsonUtilities.DefaultOptions)));
                }

                continue;
            }

            var name = ToName(message.AuthorName);
            var parts = message.Contents.Select(ToPart).OfType<ChatMessageContentPart>().ToList();
            var calls = message.Contents.OfType<FunctionCallContent>().Select(call => ChatToolCall.CreateFunctionToolCall(
                call.CallId, call.Name, BinaryData.FromString(JsonSerializer.Serialize(call.Arguments, AIJsonUtilities.DefaultOptions)))).ToList();
            if (message.Role == ChatRole.Assistant && parts.Count == 0 && calls.Count > 0)
            {
                yield return new AssistantChatMessage(calls) { ParticipantName = name };
                continue;
            }

            if (parts.Count == 0)
            {
                parts.Add(ChatMessageContentPart.CreateTextPart(""));
            }

            if (message.Role == ChatRole.System)
            {
                yield return new SystemChatMessage(parts) { ParticipantName = name };
            }
            else if (message.Role == ChatRole.User)
            {
                yield return new UserChatMessage(parts) { ParticipantName = name };
            }
            else if (message.Role == ChatRole.Assistant)
            {
                var assistant = new AssistantChatMessage(parts) { ParticipantName = name };
                calls.ForEach(assistant.ToolCalls.Add);
                yield return assistant;
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
        if (options is null)
        {
            return result;
        }

        result.FrequencyPenalty ??= options.FrequencyPenalty;
        result.MaxOutputTokenCount ??= options.MaxOutputTokens;
        result.TopP ??= options.TopP;
        result.PresencePenalty ??= options.PresencePenalty;
        result.Temperature ??= options.Temperature;
        result.Seed ??= options.Seed;
        result.ResponseFormat ??= options.ResponseFormat switch
        {
            ChatResponseFormatText => OpenAI.Chat.ChatResponseFormat.CreateTextFormat(),
            ChatResponseFormatJson { Schema: null } => OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat(),
            ChatResponseFormatJson => throw new NotSupportedException("A schema for the answer needs the real package Microsoft.Extensions.AI.OpenAI."),
            _ => null,
        };
        if (options.ModelId is { } model && !(result.Patch.TryGetValue("$.model"u8, out string? set) && set is not null))
        {
            result.Patch.Set("$.model"u8, model);
        }

        foreach (var stop in options.StopSequences ?? [])
        {
            result.StopSequences.Add(stop);
        }

        foreach (var tool in (options.Tools ?? []).OfType<AIFunctionDeclaration>())
        {
            result.Tools.Add(ChatTool.CreateFunctionTool(tool.Name, tool.Description, ToParameters(tool.JsonSchema)));
        }

        if (result.Tools.Count > 0)
        {
            result.AllowParallelToolCalls ??= options.AllowMultipleToolCalls;
            result.ToolChoice ??= options.ToolMode switch
            {
                NoneChatToolMode => ChatToolChoice.CreateNoneChoice(),
                RequiredChatToolMode { RequiredFunctionName: { } name } => ChatToolChoice.CreateFunctionChoice(name),
                RequiredChatToolMode => ChatToolChoice.CreateRequiredChoice(),
                _ => ChatToolChoice.CreateAutoChoice(),
            };
        }

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

    private static ChatRole ToRole(ChatMessageRole role) => role switch
    {
        ChatMessageRole.System => ChatRole.System,
        ChatMessageRole.User => ChatRole.User,
        ChatMessageRole.Tool => ChatRole.Tool,
        ChatMessageRole.Developer => new ChatRole("developer"),
        _ => ChatRole.Assistant,
    };

    private static ChatFinishReason ToFinishReason(OpenAI.Chat.ChatFinishReason reason) => reason switch
    {
        OpenAI.Chat.ChatFinishReason.Stop => ChatFinishReason.Stop,
        OpenAI.Chat.ChatFinishReason.Length => ChatFinishReason.Length,
        OpenAI.Chat.ChatFinishReason.ContentFilter => ChatFinishReason.ContentFilter,
        OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => ChatFinishReason.ToolCalls,
        _ => new ChatFinishReason(reason.ToString()),
    };

    // OpenAI refuses other characters, and more than 64 of them.
    private static string? ToName(string? author)
    {
        var name = string.Concat((author ?? "").Where(c => char.IsAsciiLetterOrDigit(c) || c == '_').Take(64));
        return name.Length == 0 ? null : name;
    }
}

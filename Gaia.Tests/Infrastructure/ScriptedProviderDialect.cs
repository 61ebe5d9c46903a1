using System.Text;
using System.Text.Json.Nodes;

namespace Gaia.Tests.Infrastructure;

/// <summary>How a provider's API writes answers, streams and errors.</summary>
public abstract class ScriptedProviderDialect
{
    public static ScriptedProviderDialect OpenAi { get; } = new OpenAiDialect();

    public static ScriptedProviderDialect Anthropic { get; } = new AnthropicDialect();

    /// <summary>Tokens as the scripted provider counts them: words.</summary>
    public static int CountTokens(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    internal static int CountInput(ScriptedProviderRequest request) => request.Messages.Sum(message => CountTokens(message.Text));

    internal abstract JsonObject Whole(ScriptedProviderRequest request, string text);

    internal abstract string StreamStart(ScriptedProviderRequest request);

    internal abstract string StreamChunk(ScriptedProviderRequest request, string text);

    internal abstract string StreamEnd(ScriptedProviderRequest request, string text);

    internal abstract JsonObject Error(int status, string message);

    internal abstract string Broken(bool streaming);

    internal abstract JsonObject ModelList(IEnumerable<string> models);

    private sealed class OpenAiDialect : ScriptedProviderDialect
    {
        internal override JsonObject Whole(ScriptedProviderRequest request, string text) => new()
        {
            ["id"] = "chatcmpl-scripted",
            ["object"] = "chat.completion",
            ["created"] = request.ArrivedAt.ToUnixTimeSeconds(),
            ["model"] = request.Model,
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = null },
                ["logprobs"] = null,
                ["finish_reason"] = "stop",
            }),
            ["usage"] = Usage(request, text),
        };

        internal override string StreamStart(ScriptedProviderRequest request) => Frame(request, new JsonObject { ["role"] = "assistant", ["content"] = "" }, null);

        internal override string StreamChunk(ScriptedProviderRequest request, string text) => Frame(request, new JsonObject { ["content"] = text }, null);

        internal override string StreamEnd(ScriptedProviderRequest request, string text)
        {
            var end = new StringBuilder(Frame(request, [], "stop"));
            if (request.WantsUsage)
            {
                var usage = Chunk(request);
                usage["choices"] = new JsonArray();
                usage["usage"] = Usage(request, text);
                end.Append("data: ").Append(usage.ToJsonString()).Append("\n\n");
            }
            return end.Append("data: [DONE]\n\n").ToString();
        }

        internal override JsonObject Error(int status, string message) => new()
        {
            ["error"] = new JsonObject
            {
                ["message"] = message,
                ["type"] = status switch { 401 => "invalid_request_error", 429 => "rate_limit_error", >= 500 => "server_error", _ => "invalid_request_error" },
                ["param"] = null,
                ["code"] = status switch { 401 => "invalid_api_key", 429 => "rate_limit_exceeded", _ => null },
            },
        };

        internal override string Broken(bool streaming) => streaming ? "data: {\"id\":\"chatcmpl-scripted\",\"choices\":[{\"delta\":{\"con\n\n" : "{\"id\":\"chatcmpl-scripted\",\"choices\":[{\"mess";

        internal override JsonObject ModelList(IEnumerable<string> models) => new()
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. models.Select(model => new JsonObject { ["id"] = model, ["object"] = "model", ["created"] = 1_700_000_000, ["owned_by"] = "scripted" })]),
        };

        private static string Frame(ScriptedProviderRequest request, JsonObject delta, string? finish)
        {
            var chunk = Chunk(request);
            chunk["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish });
            if (request.WantsUsage)
                chunk["usage"] = null;
            return $"data: {chunk.ToJsonString()}\n\n";
        }

        private static JsonObject Chunk(ScriptedProviderRequest request) => new()
        {
            ["id"] = "chatcmpl-scripted",
            ["object"] = "chat.completion.chunk",
            ["created"] = request.ArrivedAt.ToUnixTimeSeconds(),
            ["model"] = request.Model,
        };

        private static JsonObject Usage(ScriptedProviderRequest request, string text)
        {
            var (input, output) = (CountInput(request), CountTokens(text));
            return new JsonObject { ["prompt_tokens"] = input, ["completion_tokens"] = output, ["total_tokens"] = input + output };
        }
    }

    private sealed class AnthropicDialect : ScriptedProviderDialect
    {
        internal override JsonObject Whole(ScriptedProviderRequest request, string text)
        {
            var message = Message(request, CountTokens(text));
            message["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text });
            message["stop_reason"] = "end_turn";
            return message;
        }

        internal override string StreamStart(ScriptedProviderRequest request) =>
            Event("message_start", new JsonObject { ["message"] = Message(request, 1) })
            + Event("content_block_start", new JsonObject { ["index"] = 0, ["content_block"] = new JsonObject { ["type"] = "text", ["text"] = "" } })
            + Event("ping", []);

        internal override string StreamChunk(ScriptedProviderRequest request, string text) =>
            Event("content_block_delta", new JsonObject { ["index"] = 0, ["delta"] = new JsonObject { ["type"] = "text_delta", ["text"] = text } });

        internal override string StreamEnd(ScriptedProviderRequest request, string text) =>
            Event("content_block_stop", new JsonObject { ["index"] = 0 })
            + Event("message_delta", new JsonObject
            {
                ["delta"] = new JsonObject { ["stop_reason"] = "end_turn", ["stop_sequence"] = null },
                ["usage"] = new JsonObject { ["output_tokens"] = CountTokens(text) },
            })
            + Event("message_stop", []);

        internal override JsonObject Error(int status, string message) => new()
        {
            ["type"] = "error",
            ["error"] = new JsonObject
            {
                ["type"] = status switch { 400 => "invalid_request_error", 401 => "authentication_error", 403 => "permission_error", 404 => "not_found_error", 429 => "rate_limit_error", 529 => "overloaded_error", _ => "api_error" },
                ["message"] = message,
            },
            ["request_id"] = "req_scripted",
        };

        internal override string Broken(bool streaming) => streaming ? "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"te\n\n" : "{\"id\":\"msg_scripted\",\"content\":[{\"ty";

        internal override JsonObject ModelList(IEnumerable<string> models)
        {
            var list = models.ToList();
            return new JsonObject
            {
                ["data"] = new JsonArray([.. list.Select(model => new JsonObject { ["type"] = "model", ["id"] = model, ["display_name"] = model, ["created_at"] = "2025-01-01T00:00:00Z" })]),
                ["has_more"] = false,
                ["first_id"] = list.FirstOrDefault(),
                ["last_id"] = list.LastOrDefault(),
            };
        }

        private static JsonObject Message(ScriptedProviderRequest request, int outputTokens) => new()
        {
            ["id"] = "msg_scripted",
            ["type"] = "message",
            ["role"] = "assistant",
            ["model"] = request.Model,
            ["content"] = new JsonArray(),
            ["stop_reason"] = null,
            ["stop_sequence"] = null,
            ["usage"] = new JsonObject { ["input_tokens"] = CountInput(request), ["output_tokens"] = outputTokens },
        };

        private static string Event(string type, JsonObject data)
        {
            data["type"] = type;
            return $"event: {type}\ndata: {data.ToJsonString()}\n\n";
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gaia.Chat.Providers;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Completions;

/// <summary>Reads what a client asks of a model. The families differ in what they insist on.</summary>
internal static class RequestReader
{
    /// <summary>Bytes: a message of the greatest length, each character escaped by six, with room for what else a request may carry.</summary>
    internal const int MaxBodySize = 6 * 1024 * 1024;

    private const string FormatHeader = "X-Response-Format";
    private const string ShortFormat = "v0.3";
    private const float MaxTemperature = 2;

    private static readonly string[] Providers = ["claude", "openai", "gemini", "mistral"];

    /// <summary>The form of v1 and v0.3: <c>message</c> or <c>messages</c>, in a conversation. What else is there counts where it means something.</summary>
    internal static bool TryReadOpen(
        JsonBody body,
        IHeaderDictionary headers,
        int maxLength,
        [NotNullWhen(true)] out ChatRequest? request,
        [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        request = null;
        mistake = body.Error;
        if (mistake is not null
            || !body.TryGetText("message", out var message, out mistake)
            || (message is null && !MessagesReader.TryGetLastOfUser(body, out message, out mistake))
            || !Fits(message, maxLength, out mistake)
            || !body.TryGetText("conversation_id", out var conversationId, out mistake)
            || !TryReadWishes(body, headers, message ?? "", out request, out mistake))
            return false;

        request = request with { ConversationId = conversationId is null or "" or "new" ? null : conversationId };
        return true;
    }

    /// <summary>How a message, wherever it was found, is to be answered.</summary>
    internal static bool TryReadWishes(
        JsonBody body,
        IHeaderDictionary headers,
        string message,
        [NotNullWhen(true)] out ChatRequest? request,
        [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        request = null;
        if (!body.TryGetFlag("stream", out var stream, out mistake)
            || !body.TryGetFlag("background", out var background, out mistake)
            || !body.TryGetFlag("detached", out var detached, out mistake)
            || !body.TryGetText("persona_id", out var personaId, out mistake))
            return false;

        request = new ChatRequest
        {
            Message = message,
            PersonaId = personaId,
            Stream = stream,
            Background = background,
            Detached = detached,
            ShortForm = IsShortForm(body, headers),
            Wish = new ModelWish(message) { Model = Lenient(body, "model"), Provider = Lenient(body, "provider") },
        };
        return true;
    }

    /// <summary>The form of v0.2: a message, and all the wishes about the model (contract 2.3).</summary>
    internal static bool TryReadStrict(
        JsonBody body,
        int maxLength,
        [NotNullWhen(true)] out ChatRequest? request,
        [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        request = null;
        mistake = body.Error;
        if (mistake is not null || !body.TryGetText("message", out var message, out mistake))
            return false;
        if (message is null)
        {
            mistake = LegacyResults.Invalid("missing", "Field required: message, what the user says", "body", "message");
            return false;
        }

        if (string.IsNullOrWhiteSpace(message))
        {
            mistake = LegacyResults.Invalid("string_too_short", "message must not be empty", "body", "message");
            return false;
        }

        if (!Fits(message, maxLength, out mistake)
            || !body.TryGetFlag("stream", out var stream, out mistake)
            || !TryReadWord(body, "provider", Providers, out var provider, out mistake)
            || !body.TryGetText("activity", out var activity, out mistake)
            || !body.TryGetText("persona_id", out var personaId, out mistake)
            || !body.TryGetText("model", out var model, out mistake)
            || !body.TryGetFlag("auto_select_model", out var autoSelect, out mistake)
            || !TryReadFlag(body, "force_provider", true, out var forceProvider, out mistake)
            || !TryReadWord(body, "priority", ModelTerms.Priorities, out var priority, out mistake)
            || !TryReadWord(body, "context_type", ModelTerms.Contexts, out var contextType, out mistake)
            || !TryReadWhole(body, "max_response_time_ms", out var maxTime, out mistake)
            || !TryReadTexts(body, "required_capabilities", out var capabilities, out mistake)
            || !body.TryGetFlag("force_model_override", out _, out mistake)
            || !TryReadFlag(body, "enable_fallback", true, out var fallback, out mistake))
            return false;

        request = new ChatRequest
        {
            Message = message,
            PersonaId = personaId,
            Stream = stream,
            Wish = new ModelWish(message)
            {
                Model = model,
                Provider = provider,
                Activity = activity ?? "generic",
                AutoSelect = autoSelect,
                ForceProvider = forceProvider,
                Priority = priority,
                ContextType = contextType,
                MaxResponseTimeMs = maxTime,
                RequiredCapabilities = capabilities,
                EnableFallback = fallback,
            },
        };
        return true;
    }

    /// <summary>OpenAI's own form: the whole context in <c>messages</c>, the last of them the user's.</summary>
    internal static bool TryReadCompletion(
        JsonBody body,
        int maxLength,
        [NotNullWhen(true)] out ChatRequest? request,
        [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        request = null;
        mistake = body.Error;
        if (mistake is not null
            || !MessagesReader.TryReadAll(body, out var messages, out mistake)
            || !Fits(messages[^1].Content, maxLength, out mistake)
            || !body.TryGetText("model", out var model, out mistake)
            || !body.TryGetFlag("stream", out var stream, out mistake)
            || !TryReadIncludeUsage(body, out var includeUsage, out mistake)
            || !TryReadTemperature(body, out var temperature, out mistake)
            || !TryReadWhole(body, "max_tokens", out var maxTokens, out mistake)
            || !TryReadWhole(body, "max_completion_tokens", out var maxCompletionTokens, out mistake))
            return false;

        request = new ChatRequest
        {
            Message = messages[^1].Content,
            Before = messages[..^1],
            Stream = stream,
            IncludeUsage = includeUsage,
            Temperature = temperature,
            MaxOutputTokens = maxCompletionTokens ?? maxTokens,
            Wish = new ModelWish(messages[^1].Content) { Model = model },
        };
        return true;
    }

    /// <summary>Whether a whole answer is wanted in the format of v0.3. OpenAI's clients send an object as response_format; whatever means nothing here is ignored.</summary>
    private static bool IsShortForm(JsonBody body, IHeaderDictionary headers) =>
        (Lenient(body, "response_format") ?? headers[FormatHeader].ToString()).Equals(ShortFormat, StringComparison.OrdinalIgnoreCase);

    private static string? Lenient(JsonBody body, string name) => body.TryGetText(name, out var text, out _) ? text : null;

    private static bool Fits(string? message, int maxLength, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = message?.Length > maxLength
            ? LegacyResults.Invalid("string_too_long", $"message must have at most {maxLength} characters", "body", "message")
            : null;
        return mistake is null;
    }

    private static bool TryReadWord(JsonBody body, string name, IReadOnlyList<string> words, out string? word, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (!body.TryGetText(name, out word, out mistake))
            return false;
        if (word is null || words.Contains(word))
            return true;
        mistake = LegacyResults.Invalid("enum", $"{name} must be one of {string.Join(", ", words)}", "body", name);
        return false;
    }

    private static bool TryReadFlag(JsonBody body, string name, bool absent, out bool flag, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (!body.TryGetFlag(name, out flag, out mistake))
            return false;
        flag = body.TryGet(name, out _) ? flag : absent;
        return true;
    }

    private static bool TryReadWhole(JsonBody body, string name, out int? number, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        (number, mistake) = (null, null);
        if (!body.TryGet(name, out var value))
            return true;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var whole) && whole > 0)
        {
            number = whole;
            return true;
        }

        mistake = LegacyResults.Invalid("int_type", $"{name} must be a whole number above zero", "body", name);
        return false;
    }

    /// <summary>OpenAI's <c>{"stream_options": {"include_usage": true}}</c>; its other options mean nothing here.</summary>
    private static bool TryReadIncludeUsage(JsonBody body, out bool includeUsage, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        (includeUsage, mistake) = (false, null);
        if (!body.TryGet("stream_options", out var options))
            return true;
        if (options.ValueKind == JsonValueKind.Object
            && (!options.TryGetProperty("include_usage", out var value) || value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
        {
            includeUsage = value.ValueKind == JsonValueKind.True;
            return true;
        }

        mistake = LegacyResults.Invalid("value_error", "stream_options must be an object with include_usage, which is true or false", "body", "stream_options");
        return false;
    }

    private static bool TryReadTemperature(JsonBody body, out float? temperature, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        (temperature, mistake) = (null, null);
        if (!body.TryGet("temperature", out var value))
            return true;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && number is >= 0 and <= MaxTemperature)
        {
            temperature = number;
            return true;
        }

        mistake = LegacyResults.Invalid("float_type", $"temperature must be a number from 0 to {MaxTemperature}", "body", "temperature");
        return false;
    }

    private static bool TryReadTexts(JsonBody body, string name, out IReadOnlyList<string> texts, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        (texts, mistake) = ([], null);
        if (!body.TryGet(name, out var value))
            return true;
        if (value.ValueKind == JsonValueKind.Array)
        {
            var read = new List<string>();
            foreach (var item in value.EnumerateArray())
            {
                if (!JsonBody.TryReadText(item, out var text, out mistake, name))
                    return false;
                read.Add(text!);
            }

            texts = read;
            return true;
        }

        mistake = LegacyResults.Invalid("list_type", $"{name} must be a list of strings", "body", name);
        return false;
    }
}

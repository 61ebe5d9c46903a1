using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Completions;

/// <summary>The body of <c>POST /api/v1/chat</c>.</summary>
/// <param name="Message">What the user says; may be empty.</param>
/// <param name="ConversationId">As sent; null for a new conversation.</param>
/// <param name="Model">The wished model.</param>
/// <param name="Stream">Whether the answer is wanted as it is made.</param>
/// <param name="Background">Whether the answer is made to its end, whoever leaves.</param>
/// <param name="PersonaId">As sent; null for the user's own choice.</param>
/// <param name="ShortForm">Whether a whole answer is wanted in the format of v0.3.</param>
internal sealed record ChatRequest(string Message, string? ConversationId, string? Model, bool Stream, bool ShortForm, bool Background, string? PersonaId)
{
    private const string FormatHeader = "X-Response-Format";
    private const string ShortFormat = "v0.3";

    public static bool TryRead(
        JsonBody body,
        IHeaderDictionary headers,
        int maxMessageLength,
        [NotNullWhen(true)] out ChatRequest? request,
        [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        request = null;
        mistake = body.Error;
        if (mistake is not null
            || !body.TryGetText("message", out var message, out mistake)
            || (message is null && !TryGetLastUserMessage(body, out message, out mistake))
            || !body.TryGetText("conversation_id", out var conversationId, out mistake)
            || !body.TryGetFlag("stream", out var stream, out mistake)
            || !body.TryGetFlag("background", out var background, out mistake)
            || !body.TryGetText("persona_id", out var personaId, out mistake))
            return false;
        if (message?.Length > maxMessageLength)
        {
            mistake = LegacyResults.Invalid("string_too_long", $"message must have at most {maxMessageLength} characters", "body", "message");
            return false;
        }

        request = new ChatRequest(
            message ?? "",
            conversationId is null or "" or "new" ? null : conversationId,
            // OpenAI's clients send an object as response_format; whatever means nothing here is ignored.
            Lenient(body, "model"),
            stream,
            IsShortForm(body, headers),
            background,
            personaId);
        return true;
    }

    /// <summary>Whether a whole answer is wanted in the format of v0.3.</summary>
    public static bool IsShortForm(JsonBody body, IHeaderDictionary headers) =>
        (Lenient(body, "response_format") ?? headers[FormatHeader].ToString()).Equals(ShortFormat, StringComparison.OrdinalIgnoreCase);

    private static string? Lenient(JsonBody body, string name) => body.TryGetText(name, out var text, out _) ? text : null;

    /// <summary>OpenAI's form: the last message of the role <c>user</c> in <c>messages</c>.</summary>
    private static bool TryGetLastUserMessage(JsonBody body, out string? message, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        message = null;
        mistake = null;
        if (!body.TryGet("messages", out var messages))
            return true;
        if (messages.ValueKind != JsonValueKind.Array)
        {
            mistake = LegacyResults.Invalid("list_type", "messages must be a list of objects with role and content", "body", "messages");
            return false;
        }

        JsonElement last = default;
        foreach (var item in messages.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String)
            {
                mistake = LegacyResults.Invalid("dict_type", "each of messages must be an object with role and content", "body", "messages");
                return false;
            }

            if (role.ValueEquals("user"u8))
                last = item;
        }

        if (last.ValueKind != JsonValueKind.Object || !last.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null)
            return true;
        return content.ValueKind == JsonValueKind.Array
            ? TryJoin(content, out message, out mistake)
            : JsonBody.TryReadText(content, out message, out mistake, "messages", "content");
    }

    /// <summary>Content in parts: <c>[{"type": "text", "text": "…"}]</c>.</summary>
    private static bool TryJoin(JsonElement parts, out string? text, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        text = null;
        mistake = null;
        var joined = new StringBuilder();
        foreach (var part in parts.EnumerateArray())
        {
            if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out var type)
                || type.ValueKind != JsonValueKind.String || !type.ValueEquals("text"u8) || !part.TryGetProperty("text", out var value))
            {
                mistake = LegacyResults.Invalid("value_error", "content takes text and parts of the type text only", "body", "messages", "content");
                return false;
            }

            if (!JsonBody.TryReadText(value, out var piece, out mistake, "messages", "content", "text"))
                return false;
            joined.Append(piece);
        }

        text = joined.ToString();
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Gaia.Chat.Conversations;
using Gaia.Chat.Turns;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Completions;

/// <summary>Reads OpenAI's <c>messages</c>.</summary>
internal static class MessagesReader
{
    private const int MaxMessages = 10_000;

    /// <summary>The last one of the role <c>user</c>; null where there is none.</summary>
    internal static bool TryGetLastOfUser(JsonBody body, out string? message, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        message = null;
        if (!TryGetList(body, out var items, out mistake))
            return false;
        JsonElement last = default;
        foreach (var item in items)
        {
            if (!TryGetRole(item, out var role, out mistake))
                return false;
            if (role.ValueEquals("user"u8))
                last = item;
        }

        return last.ValueKind != JsonValueKind.Object || TryReadContent(last, out message, out mistake);
    }

    /// <summary>All of them; the last is the user's.</summary>
    internal static bool TryReadAll(JsonBody body, out List<Said> messages, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        messages = [];
        if (!TryGetList(body, out var items, out mistake))
            return false;
        foreach (var item in items)
        {
            if (!TryGetRole(item, out var role, out mistake) || !TryReadContent(item, out var content, out mistake))
                return false;
            if (Known(role) is not { } known)
            {
                mistake = LegacyResults.Invalid("enum", "the role of a message must be system, developer, user or assistant", "body", "messages", "role");
                return false;
            }

            messages.Add(new Said(known, content ?? ""));
        }

        mistake = messages switch
        {
            [] => LegacyResults.Invalid("missing", "Send message, or messages with what the user says last", "body", "messages"),
            { Count: > MaxMessages } => LegacyResults.Invalid("too_long", $"messages must be at most {MaxMessages}", "body", "messages"),
            [.., { Role: not Message.User }] => LegacyResults.Invalid("value_error", "the last of messages must have the role user", "body", "messages"),
            _ => null,
        };
        return mistake is null;
    }

    private static string? Known(JsonElement role) =>
        role.ValueEquals("user"u8) ? Message.User
        : role.ValueEquals("assistant"u8) ? Message.Assistant
        : role.ValueEquals("system"u8) || role.ValueEquals("developer"u8) ? Message.System
        : null;

    private static bool TryGetList(JsonBody body, out JsonElement.ArrayEnumerator items, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        (items, mistake) = (default, null);
        if (!body.TryGet("messages", out var messages))
            return true;
        if (messages.ValueKind == JsonValueKind.Array)
        {
            items = messages.EnumerateArray();
            return true;
        }

        mistake = LegacyResults.Invalid("list_type", "messages must be a list of objects with role and content", "body", "messages");
        return false;
    }

    private static bool TryGetRole(JsonElement item, out JsonElement role, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        role = default;
        mistake = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("role", out role) && role.ValueKind == JsonValueKind.String
            ? null
            : LegacyResults.Invalid("dict_type", "each of messages must be an object with role and content", "body", "messages");
        return mistake is null;
    }

    private static bool TryReadContent(JsonElement message, out string? text, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        (text, mistake) = (null, null);
        if (!message.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null)
            return true;
        return content.ValueKind == JsonValueKind.Array
            ? TryJoin(content, out text, out mistake)
            : JsonBody.TryReadText(content, out text, out mistake, "messages", "content");
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

using System.Diagnostics.CodeAnalysis;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Conversations;

/// <summary>What requests about conversations have in common.</summary>
internal static class ConversationRequest
{
    public const int MaxBodySize = 16 * 1024;
    public const int MaxLimit = 200;

    private const int MaxPreviewLength = 1000;

    /// <summary>A title; null where it is absent.</summary>
    /// <param name="blankIsAbsent">Whether a title of nothing but spaces means none, or is a mistake.</param>
    public static bool TryGetTitle(JsonBody body, bool blankIsAbsent, out string? title, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (!body.TryGetText("title", out title, out mistake))
            return false;
        if (title?.Length > Conversation.MaxTitleLength)
            mistake = LegacyResults.Invalid("string_too_long", $"title must have at most {Conversation.MaxTitleLength} characters", "body", "title");
        else if (title is not null && string.IsNullOrWhiteSpace(title))
        {
            title = null;
            if (!blankIsAbsent)
                mistake = LegacyResults.Invalid("string_too_short", "title must not be empty", "body", "title");
        }

        return mistake is null;
    }

    /// <summary>A preview; null where it is absent.</summary>
    public static bool TryGetPreview(JsonBody body, out string? preview, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (body.TryGetText("preview", out preview, out mistake) && preview?.Length > MaxPreviewLength)
            mistake = LegacyResults.Invalid("string_too_long", $"preview must have at most {MaxPreviewLength} characters", "body", "preview");
        return mistake is null;
    }

    /// <summary>A yes-or-no field; null where it is absent.</summary>
    public static bool TryGetFlag(JsonBody body, string name, out bool? flag, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        var isRight = body.TryGetFlag(name, out var value, out mistake);
        flag = isRight && body.TryGet(name, out _) ? value : null;
        return isRight;
    }

    /// <summary>An id in the body.</summary>
    public static bool TryGetId(JsonBody body, string name, out Guid id, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        id = default;
        if (!body.TryGetText(name, out var text, out mistake))
            return false;
        if (text is null)
            mistake = LegacyResults.Invalid("missing", $"{name} is missing", "body", name);
        else if (!Guid.TryParse(text, out id))
            mistake = LegacyResults.Invalid("uuid_parsing", $"{name} must be a UUID", "body", name);
        return mistake is null;
    }

    /// <summary>What is wrong with the length of a page; null for nothing.</summary>
    public static JsonHttpResult<ValidationErrorBody>? CheckLimit(int? limit) => limit is < 1 or > MaxLimit
        ? LegacyResults.Invalid("int_range", $"limit must be between 1 and {MaxLimit}", "query", "limit")
        : null;

    public static JsonHttpResult<ValidationErrorBody> WrongCursor() =>
        LegacyResults.Invalid("value_error", "cursor must be the next_cursor of the page before, asked for in the same way", "query", "cursor");
}

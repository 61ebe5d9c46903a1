using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Gaia.ServiceDefaults.Data;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Chat.Personas;

/// <summary>What a request says of a persona; null for what it does not mention.</summary>
/// <param name="PersonalityTraits">A JSON object.</param>
/// <param name="Capabilities">A JSON object.</param>
internal sealed record PersonaText(string? Name, string? Description, string? SystemPrompt, string? PersonalityTraits, string? Capabilities, bool? IsActive)
{
    /// <summary>Every character escaped, with room for what else may be sent.</summary>
    public const int MaxBodySize = 256 * 1024;

    private const int MaxName = 100;
    private const int MaxDescription = 2_000;
    private const int MaxPrompt = 20_000;
    private const int MaxObject = 16 * 1024;

    /// <param name="isNew">Whether name, description and prompt have to be there.</param>
    public static bool TryRead(
        JsonBody body, bool isNew, [NotNullWhen(true)] out PersonaText? persona, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        persona = null;
        mistake = body.Error;
        if (mistake is not null
            || !TryReadText(body, "name", MaxName, isNew, out var name, out mistake)
            || !TryReadText(body, "description", MaxDescription, isNew, out var description, out mistake)
            || !TryReadText(body, "system_prompt", MaxPrompt, isNew, out var prompt, out mistake)
            || !TryReadObject(body, "personality_traits", out var traits, out mistake)
            || !TryReadObject(body, "capabilities", out var capabilities, out mistake)
            || !body.TryGetFlag("is_active", out var isActive, out mistake))
            return false;
        if (name is not null && string.IsNullOrWhiteSpace(name))
        {
            mistake = LegacyResults.Invalid("string_too_short", "name must not be empty", "body", "name");
            return false;
        }

        persona = new PersonaText(name, description, prompt, traits, capabilities, !isNew && body.TryGet("is_active", out _) ? isActive : null);
        return true;
    }

    private static bool TryReadText(
        JsonBody body, string field, int maxLength, bool isRequired, out string? text, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (!body.TryGetText(field, out text, out mistake))
            return false;
        if (text is null && isRequired)
            mistake = LegacyResults.Invalid("missing", $"{field} is required", "body", field);
        else if (text?.Length > maxLength)
            mistake = LegacyResults.Invalid("string_too_long", $"{field} must have at most {maxLength} characters", "body", field);
        return mistake is null;
    }

    private static bool TryReadObject(JsonBody body, string field, out string? json, [NotNullWhen(false)] out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        json = null;
        mistake = null;
        if (!body.TryGet(field, out var value))
            return true;
        if (value.ValueKind != JsonValueKind.Object)
            mistake = LegacyResults.Invalid("dict_type", $"{field} must be an object, such as {{\"cheerful\": true}}", "body", field);
        else if ((json = value.GetRawText()).Length > MaxObject)
            mistake = LegacyResults.Invalid("too_long", $"{field} must have at most {MaxObject} characters of JSON", "body", field);
        else if (!IsStorable(value))
            mistake = LegacyResults.Invalid("value_error", $"{field} must have valid Unicode without the character U+0000, and numbers of usual size", "body", field);
        return mistake is null;
    }

    /// <summary>Whether PostgreSQL takes it as <c>jsonb</c>: it refuses more than JSON does.</summary>
    private static bool IsStorable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(member => TextRules.IsStorable(member.Name) && IsStorable(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsStorable),
        JsonValueKind.String => TextRules.IsStorable(value.GetString()!),
        JsonValueKind.Number => double.TryParse(value.GetRawText(), CultureInfo.InvariantCulture, out var number) && double.IsFinite(number),
        _ => true,
    };
}

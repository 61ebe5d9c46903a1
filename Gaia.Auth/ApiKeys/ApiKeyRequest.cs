using System.Text.Json;
using System.Text.RegularExpressions;
using Gaia.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gaia.Auth.ApiKeys;

/// <summary>The body of a request about API keys, field by field.</summary>
internal static partial class ApiKeyRequest
{
    private const int MaxName = 255;
    private const int MaxScopes = 50;

    public static string? ReadName(JsonBody body, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        if (!body.TryGetText("name", out var name, out mistake))
            return null;
        name = name?.Trim();
        if (string.IsNullOrEmpty(name))
            mistake = LegacyResults.Invalid("missing", "name is missing: say what the key is for", "body", "name");
        else if (name.Length > MaxName)
            mistake = LegacyResults.Invalid("string_too_long", $"name must have at most {MaxName} characters", "body", "name");
        return name;
    }

    /// <summary><c>expires_at</c> in ISO 8601, or <c>expires_in_days</c>; null for never.</summary>
    public static DateTimeOffset? ReadExpiry(JsonBody body, DateTimeOffset now, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        var hasDays = body.TryGet("expires_in_days", out var days);
        if (!body.TryGet("expires_at", out var at))
        {
            if (!hasDays)
                return null;
            if (days.ValueKind == JsonValueKind.Number && days.TryGetInt32(out var count) && count is > 0 and <= 36_500)
                return now.AddDays(count);
            mistake = LegacyResults.Invalid("int_range", "expires_in_days must be a whole number from 1 to 36500", "body", "expires_in_days");
            return null;
        }

        if (hasDays)
            mistake = LegacyResults.Invalid("value_error", "Send expires_at or expires_in_days, not both", "body", "expires_in_days");
        else if (!JsonBody.TryReadUtc(at, out var end))
            mistake = LegacyResults.Invalid("datetime_parsing", "expires_at must be a time in ISO 8601, such as 2030-01-31T00:00:00Z", "body", "expires_at");
        else if (end <= now)
            mistake = LegacyResults.Invalid("value_error", "expires_at must be in the future", "body", "expires_at");
        else
            return end;
        return null;
    }

    public static IReadOnlyList<string> ReadScopes(JsonBody body, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        if (!body.TryGet("scopes", out var list))
            return [];
        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MaxScopes
            && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && Scope.IsMatch(item.GetString()!)))
        {
            return [.. list.EnumerateArray().Select(item => item.GetString()!).Distinct(StringComparer.Ordinal)];
        }

        mistake = LegacyResults.Invalid(
            "list_type", $"scopes must be a list of at most {MaxScopes} names of the form resource:action, such as chat:create or kb:*", "body", "scopes");
        return [];
    }

    /// <summary><c>overlap_seconds</c>; <paramref name="otherwise"/> where it is absent.</summary>
    public static TimeSpan ReadOverlap(JsonBody body, TimeSpan otherwise, TimeSpan max, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        if (!body.TryGet("overlap_seconds", out var seconds))
            return otherwise;
        if (seconds.ValueKind == JsonValueKind.Number && seconds.TryGetInt32(out var count) && count >= 0 && count <= max.TotalSeconds)
            return TimeSpan.FromSeconds(count);
        mistake = LegacyResults.Invalid("int_range", $"overlap_seconds must be a whole number from 0 to {max.TotalSeconds:0}", "body", "overlap_seconds");
        return default;
    }

    /// <summary><c>older_than_days</c>; null where it is absent.</summary>
    public static TimeSpan? ReadAge(JsonBody body, out JsonHttpResult<ValidationErrorBody>? mistake)
    {
        mistake = null;
        if (!body.TryGet("older_than_days", out var days))
            return null;
        if (days.ValueKind == JsonValueKind.Number && days.TryGetInt32(out var count) && count is >= 0 and <= 36_500)
            return TimeSpan.FromDays(count);
        mistake = LegacyResults.Invalid("int_range", "older_than_days must be a whole number from 0 to 36500", "body", "older_than_days");
        return null;
    }

    [GeneratedRegex(@"\A[a-z][a-z_]{0,31}:(?:[a-z][a-z_]{0,31}|\*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Scope { get; }
}

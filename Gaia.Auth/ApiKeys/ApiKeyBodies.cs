using System.Text.Json;
using System.Text.Json.Serialization;
using Gaia.ServiceDefaults.Http;

namespace Gaia.Auth.ApiKeys;

/// <summary>An API key as its owner sees it.</summary>
/// <param name="Prefix">The key's first characters; null for one whose hash alone was ever known.</param>
/// <param name="Scopes">What it is limited to; none is no limit.</param>
/// <param name="IsActive">Whether it counts: neither revoked nor expired.</param>
/// <param name="RotationDue">Whether it is older than the policy allows.</param>
/// <param name="RotatedTo">The key that takes its place.</param>
/// <param name="RateLimit">Its own limit as <c>permits/seconds/burst</c>, where it has one.</param>
public sealed record ApiKeyBody(
    Guid Id,
    string? Name,
    string? Prefix,
    IReadOnlyList<string> Scopes,
    bool IsActive,
    DateTime? CreatedAt,
    DateTime? ExpiresAt,
    DateTime? LastUsedAt,
    bool RotationDue,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? RotatedTo,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RateLimit)
{
    /// <summary>The key itself: only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>Without the key, for it must not reach a log.</summary>
    public override string ToString() => $"{nameof(ApiKeyBody)} {{ Id = {Id} }}";
}

/// <param name="Keys">The newest first.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKeyBody> Keys, int Total);

/// <summary>What a rotation did.</summary>
/// <param name="Rotated">The former key, which counts until its <c>expires_at</c>.</param>
/// <param name="New">The key in its place, shown in full this once.</param>
public sealed record RotatedApiKeyBody(ApiKeyBody Rotated, ApiKeyBody New);

/// <param name="Rotated">One for each key that was due.</param>
public sealed record RotatedApiKeyList(IReadOnlyList<RotatedApiKeyBody> Rotated);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(NaiveTimestampConverter)])]
[JsonSerializable(typeof(ApiKeyBody))]
[JsonSerializable(typeof(ApiKeyList))]
[JsonSerializable(typeof(RotatedApiKeyBody))]
[JsonSerializable(typeof(RotatedApiKeyList))]
internal sealed partial class ApiKeyJson : JsonSerializerContext
{
    public static ApiKeyJson Readable => field ??= new(Default.Readable());
}

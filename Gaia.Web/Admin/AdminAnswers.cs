using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gaia.Web.Admin;

/// <summary>A part of a list, as the gateway tells it.</summary>
public sealed record Listing<T>(IReadOnlyList<T> Items, int Limit, int Offset, bool HasMore);

public sealed record UserItem(Guid Id, string Email, string? Name, IReadOnlyList<string> Roles, bool Disabled, DateTime? CreatedAt);

/// <param name="ContextType">Null for a role that counts everywhere.</param>
public sealed record HeldRole(string Role, string? DisplayName, string? ContextType, string? ContextId, DateTime? AssignedAt, DateTime? ExpiresAt);

/// <param name="Granted">False is a ban.</param>
public sealed record DirectGrant(string ResourceType, string? ResourcePath, string Action, bool Granted, string? ContextType, string? ContextId, DateTime? ExpiresAt);

public sealed record UserDetails(UserItem User, IReadOnlyList<HeldRole> Roles, IReadOnlyList<DirectGrant> Permissions);

public sealed record RoleItem(string Name, string? DisplayName, string? Description, bool IsActive, long Holders);

public sealed record KeyItem(
    Guid Id,
    Guid UserId,
    string UserEmail,
    string? Name,
    string? Prefix,
    IReadOnlyList<string> Scopes,
    bool IsActive,
    DateTime? CreatedAt,
    DateTime? ExpiresAt,
    DateTime? LastUsedAt,
    string? RateLimit);

public sealed record LimitItem(string Name, int Permits, double PeriodSeconds, int Burst);

public sealed record Limits(bool Enabled, bool Shared, [property: JsonPropertyName("limits")] IReadOnlyList<LimitItem> All, IReadOnlyList<LimitItem> Roles, int StreamsPerUser);

public sealed record AuditItem(
    Guid Id,
    string EventType,
    string? ActorId,
    string? ActorEmail,
    string? TargetUserId,
    string? TargetEmail,
    string? TargetType,
    string? TargetId,
    JsonElement Details,
    DateTime? Timestamp,
    string? IpAddress);

/// <param name="NextCursor">Where what is older begins; null at the end.</param>
public sealed record AuditEntries(IReadOnlyList<AuditItem> Items, string? NextCursor);

internal sealed record RoleGrant(string Role, DateTime? ExpiresAt);

internal sealed record KeyLimit([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? RateLimit);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Listing<UserItem>))]
[JsonSerializable(typeof(Listing<RoleItem>))]
[JsonSerializable(typeof(Listing<KeyItem>))]
[JsonSerializable(typeof(UserDetails))]
[JsonSerializable(typeof(Limits))]
[JsonSerializable(typeof(AuditEntries))]
[JsonSerializable(typeof(RoleGrant))]
[JsonSerializable(typeof(KeyLimit))]
[JsonSerializable(typeof(ModelItems))]
[JsonSerializable(typeof(ProviderItems))]
[JsonSerializable(typeof(ProviderHealthItems))]
[JsonSerializable(typeof(ProviderStatsItems))]
[JsonSerializable(typeof(SummaryReport))]
[JsonSerializable(typeof(ProviderReport))]
[JsonSerializable(typeof(StageReport))]
[JsonSerializable(typeof(LiveReport))]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class AdminJson : JsonSerializerContext;

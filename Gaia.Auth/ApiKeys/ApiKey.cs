namespace Gaia.Auth.ApiKeys;

/// <summary>A row of <c>api_keys</c>. What may be null is so in databases that the legacy system made.</summary>
public sealed class ApiKey
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>SHA-256 of the key in lower-case hex; the key itself is kept nowhere.</summary>
    public required string KeyHash { get; init; }

    /// <summary>The first characters of the key; null when only its hash was ever known.</summary>
    public string? KeyPrefix { get; init; }

    public string? Name { get; set; }

    /// <summary>A JSON object in the legacy form, such as <c>{"admin": true}</c>: set by the operator, never by the owner (see <see cref="KeyRoles"/>).</summary>
    public string? Permissions { get; set; }

    /// <summary>What the key is limited to; null or empty is no limit.</summary>
    public string[]? Scopes { get; set; }

    public bool? IsActive { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public DateTime? LastUsedAt { get; set; }

    /// <summary><c>permits/seconds/burst</c>, see <see cref="ServiceDefaults.Identity.RateLimit"/>; null for the limits that hold for everybody.</summary>
    public string? RateLimit { get; set; }

    /// <summary>The key that takes the place of this one.</summary>
    public Guid? RotatedTo { get; set; }

    public DateTime? CreatedAt { get; init; }

    public DateTime? UpdatedAt { get; init; }
}

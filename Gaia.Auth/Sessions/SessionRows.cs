namespace Gaia.Auth.Sessions;

/// <summary>A row of <c>auth_sessions</c>: what began with one login and ends with one logout.</summary>
public sealed class Session
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>Where its user signed in from.</summary>
    public string? Address { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public string? RevokedBecause { get; set; }
}

/// <summary>A row of <c>auth_refresh_tokens</c>.</summary>
public sealed class RefreshToken
{
    public required string TokenHash { get; init; }

    public Guid SessionId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A row of <c>auth_access_tokens</c>: a token that this service gave out, or one of another issuer that it has seen.</summary>
public sealed class AccessToken
{
    public required string TokenHash { get; init; }

    public Guid UserId { get; init; }

    public Guid? SessionId { get; init; }

    /// <summary>With a token given for an API key: the key's hash.</summary>
    public string? ApiKeyHash { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }
}

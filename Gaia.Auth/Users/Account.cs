namespace Gaia.Auth.Users;

/// <summary>A row of <c>auth_accounts</c>: how somebody signs in with a password.</summary>
public sealed class Account
{
    public Guid Id { get; init; }

    /// <summary>Whom it signs in; null until the address is confirmed, when a user had it before.</summary>
    public Guid? UserId { get; set; }

    /// <summary>In lower case.</summary>
    public required string Email { get; init; }

    public required string PasswordHash { get; set; }

    public DateTimeOffset? EmailConfirmedAt { get; set; }

    public DateTimeOffset? ConfirmationSentAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A row of <c>auth_confirmations</c>: a mail that asks whether an address is somebody's own.</summary>
public sealed class Confirmation
{
    public required string TokenHash { get; init; }

    public Guid AccountId { get; init; }

    /// <summary>The password of whoever asked for this mail, so that confirming it never lets in anybody else.</summary>
    public required string PasswordHash { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A row of <c>auth_identities</c>: who a subject of another issuer is here.</summary>
public sealed class ExternalIdentity
{
    public required string Provider { get; init; }

    public required string Subject { get; init; }

    public Guid UserId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

namespace Gaia.Auth.Tokens;

/// <summary>A row of <c>auth_signing_keys</c>.</summary>
public sealed class SigningKeyRow
{
    public required string Kid { get; init; }

    public required string PublicJwk { get; init; }

    public required byte[] SealedPrivateKey { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when the key signs; until then it is only published, so that every service knows it in time.</summary>
    public DateTimeOffset ActivatesAt { get; init; }

    /// <summary>Until when the key is published: longer than any token lives that it signed.</summary>
    public DateTimeOffset RetiresAt { get; init; }
}

using System.ComponentModel;

namespace Gaia.Auth.Admin;

/// <summary>Which keys to list; null for all.</summary>
/// <param name="Search">Part of the owner's address, or of the key's name or prefix.</param>
/// <param name="Sort"><c>newest</c>, <c>used</c> or <c>user</c>.</param>
internal sealed record KeyFilter(Guid? UserId, string? Search, bool ActiveOnly, bool LimitedOnly, string Sort);

/// <summary>An API key in the administration: never the key itself.</summary>
/// <param name="Prefix">The key's first characters; null for one whose hash alone was ever known.</param>
/// <param name="IsActive">Whether it counts: neither revoked nor expired.</param>
/// <param name="RateLimit">Its own limit as <c>permits/seconds/burst</c>; null for the one that holds for everybody.</param>
public sealed record AdminKeyBody(
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

public sealed record LimitKeyRequest(
    [property: Description("`permits/seconds/burst`, such as `50/3600/50`; null for the limit that holds for everybody.")] string? RateLimit);

using Gaia.ServiceDefaults.Identity;

namespace Gaia.Gateway.Limits;

/// <summary>What a limit counts by.</summary>
public enum LimitKind
{
    /// <summary>An API key.</summary>
    Key,

    /// <summary>A user, whatever the credential.</summary>
    User,

    /// <summary>The address of a client that is not authenticated.</summary>
    Address,

    /// <summary>The address of a client whose credentials are refused.</summary>
    FailedAuthentication,
}

/// <param name="Id">The id of the key or the user; an address as 16 bytes.</param>
/// <param name="Limit">Part of the key: credentials of one user may have different limits, by their roles, and none may begin another's anew.</param>
public readonly record struct BucketKey(LimitKind Kind, Guid Id, RateLimit Limit);

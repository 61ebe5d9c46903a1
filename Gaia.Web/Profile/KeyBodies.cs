namespace Gaia.Web.Profile;

/// <summary>An API key as the gateway tells its owner of it.</summary>
/// <param name="Key">The key itself: only in the answer that made it.</param>
public sealed record KeyAnswer(
    Guid Id, string? Name, string? Prefix, IReadOnlyList<string>? Scopes, bool IsActive, DateTime? CreatedAt, DateTime? ExpiresAt, DateTime? LastUsedAt, string? Key)
{
    /// <summary>Without the key, for it must not reach a log.</summary>
    public override string ToString() => $"{nameof(KeyAnswer)} {{ Id = {Id} }}";
}

public sealed record KeyListAnswer(IReadOnlyList<KeyAnswer> Keys);

internal sealed record NewKeyBody(string Name, int? ExpiresInDays);

internal sealed record KeyNameBody(string Name);

/// <summary>What of one's own account to change.</summary>
internal sealed record UpdateUserBody(string? Password, string? CurrentPassword, UpdateUserBody.Metadata? Data)
{
    internal sealed record Metadata(string Name);

    /// <summary>Without the passwords, for they must not reach a log.</summary>
    public override string ToString() => nameof(UpdateUserBody);
}

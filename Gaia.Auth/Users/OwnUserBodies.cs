namespace Gaia.Auth.Users;

/// <summary>What of one's own account to change. What is absent stays as it is.</summary>
/// <param name="Password">The new password.</param>
/// <param name="CurrentPassword">The one that counts until now; needed with a new one.</param>
/// <param name="Data">Of the user's metadata, the name.</param>
internal sealed record UpdateUserRequest(string? Password, string? CurrentPassword, UpdateUserRequest.Metadata? Data)
{
    internal sealed record Metadata(string? Name);

    /// <summary>Without the passwords, for they must not reach a log.</summary>
    public override string ToString() => nameof(UpdateUserRequest);
}

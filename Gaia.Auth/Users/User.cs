namespace Gaia.Auth.Users;

/// <summary>A row of <c>users</c>.</summary>
public sealed class User
{
    public Guid Id { get; init; }

    public required string Email { get; set; }

    public string? Name { get; set; }

    public DateTime? CreatedAt { get; init; }

    public DateTime? UpdatedAt { get; init; }
}

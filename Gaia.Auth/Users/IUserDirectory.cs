using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gaia.ServiceDefaults.Identity;

namespace Gaia.Auth.Users;

/// <summary>Where users live: Gaia's own tables, or Supabase. Both speak of users and sessions in the shapes of GoTrue.</summary>
internal interface IUserDirectory
{
    /// <param name="email">In its normal form.</param>
    /// <param name="password">Long enough.</param>
    Task<Outcome<SignedIn>> RegisterAsync(string email, string password, string? address, CancellationToken cancellationToken);

    Task<Outcome<SignedIn>> LoginAsync(string email, string password, string? address, CancellationToken cancellationToken);

    /// <summary>A new pair of tokens for a refresh token.</summary>
    Task<Outcome<SignedIn>> RefreshAsync(string refreshToken, CancellationToken cancellationToken);

    /// <summary>Ends the session of this access token, expired or not. One that says nothing to us ends nothing.</summary>
    /// <returns>Whose session it was, where that is known.</returns>
    Task<Guid?> LogoutAsync(string accessToken, CancellationToken cancellationToken);

    /// <summary>Confirms an address with what was mailed to it.</summary>
    Task<Outcome<UserDocument>> ConfirmAsync(string token, string email, CancellationToken cancellationToken);

    /// <summary>Mails the link again.</summary>
    Task<Outcome<JsonElement>> ResendAsync(string email, CancellationToken cancellationToken);

    /// <summary>Puts a new password in the place of the present one, and ends the user's other sessions.</summary>
    /// <param name="caller">Whose.</param>
    /// <param name="accessToken">The token that the caller presented.</param>
    /// <returns>Why not; null when it is done.</returns>
    Task<Refusal?> ChangePasswordAsync(Caller caller, string? accessToken, string current, string password, string? address, CancellationToken cancellationToken);
}

/// <param name="UserId">Who that is, once it is known.</param>
/// <param name="User">The user, as GoTrue writes it.</param>
/// <param name="Session">The session, as GoTrue writes it; null when the address has to be confirmed first.</param>
internal sealed record SignedIn(Guid? UserId, JsonElement User, JsonElement? Session)
{
    /// <summary>Without the tokens, for they must not reach a log.</summary>
    public override string ToString() => nameof(SignedIn);
}

/// <param name="User">As GoTrue writes it.</param>
internal sealed record UserDocument(Guid? UserId, JsonElement User);

/// <summary>Why not, as the client is told. The text holds no secret.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">The contract's text.</param>
/// <param name="RetryAfter">When it makes sense to try again.</param>
internal sealed record Refusal(int Status, string Detail, TimeSpan? RetryAfter = null)
{
    public static Refusal Bad(string detail) => new(StatusCodes.Status400BadRequest, detail);
}

/// <summary>A value, or why there is none.</summary>
internal readonly struct Outcome<T>
{
    private readonly T? _value;
    private readonly Refusal? _refusal;

    private Outcome(T? value, Refusal? refusal) => (_value, _refusal) = (value, refusal);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);

    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [MaybeNullWhen(true)] out T value)
    {
        refusal = _refusal;
        value = _value;
        return refusal is not null;
    }
}
